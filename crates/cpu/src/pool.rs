//! The threads that kernels run on.
#![allow(unsafe_code)] // A borrowed closure is handed to threads that outlive it; `run` waits for them before it returns.

use crate::FlushDenormals;
use std::any::Any;
use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

/// A fixed set of threads that work through numbered tasks.
///
/// The calling thread takes part as worker 0. Each worker begins with its own share of the tasks, a contiguous range
/// that depends on the number of tasks and of threads only; one that is done helps with the shares of the others, so a
/// thread that the machine does not let run delays nobody. Which worker runs a task is therefore not fixed: a task's
/// result may depend on its number, never on the worker, whose number serves to pick scratch memory.
///
/// A call allocates nothing. Denormals are flushed to zero while tasks run.
///
/// ```
/// use hornblende_cpu::Pool;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// let pool = Pool::new(2);
/// let sum = AtomicUsize::new(0);
/// pool.run(10, &|task, _worker| {
///     sum.fetch_add(task, Ordering::Relaxed);
/// });
/// assert_eq!(sum.into_inner(), 45);
/// ```
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    threads_to_wake: Vec<Thread>,
    running: Mutex<()>,
}

impl Pool {
    /// Starts a pool of `threads` workers, the calling thread included; zero counts as one.
    ///
    /// Where the system refuses to start a thread, the pool is smaller.
    pub fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        let shared = Arc::new(Shared::new(threads));
        let mut workers = Vec::with_capacity(threads - 1);
        for worker in 1..threads {
            let shared = Arc::clone(&shared);
            let name = format!("hornblende-{worker}");
            match thread::Builder::new()
                .name(name)
                .spawn(move || shared.work(worker))
            {
                Ok(handle) => workers.push(handle),
                Err(_) => break,
            }
        }
        let threads_to_wake = workers
            .iter()
            .map(|worker| worker.thread().clone())
            .collect();
        Self {
            shared,
            workers,
            threads_to_wake,
            running: Mutex::new(()),
        }
    }

    /// The pool of this process: `HORNBLENDE_NUM_THREADS` threads, or as many as the machine runs at once.
    pub fn global() -> &'static Self {
        static GLOBAL: OnceLock<Pool> = OnceLock::new();
        GLOBAL.get_or_init(|| {
            let wanted = std::env::var("HORNBLENDE_NUM_THREADS").ok();
            let wanted = wanted
                .and_then(|text| text.trim().parse().ok())
                .filter(|&n: &usize| n > 0);
            Self::new(
                wanted.unwrap_or_else(|| thread::available_parallelism().map_or(1, Into::into)),
            )
        })
    }

    /// How many workers take part at most; worker numbers are below this.
    pub fn threads(&self) -> usize {
        self.workers.len() + 1
    }

    /// Calls `f(task, worker)` once for each task below `tasks`, and returns when all are done; `worker` is below both
    /// [`Pool::threads`] and `tasks`.
    ///
    /// A call from inside a task, or while another thread's call is under way, runs its tasks on the calling thread.
    ///
    /// # Panics
    /// When a task panics, with the panic of that task, after every worker has left the call. Tasks that have not begun
    /// by then are not run.
    pub fn run(&self, tasks: usize, f: &(dyn Fn(usize, usize) + Sync)) {
        let _flush = FlushDenormals::new();
        let shares = self.threads().min(tasks);
        let guard = match (shares > 1).then(|| self.running.try_lock()) {
            Some(Ok(guard)) => guard,
            Some(Err(TryLockError::Poisoned(poisoned))) => poisoned.into_inner(),
            Some(Err(TryLockError::WouldBlock)) | None => {
                return (0..tasks).for_each(|task| f(task, 0));
            }
        };
        self.run_shared(
            guard,
            Job {
                function: f,
                tasks,
                shares,
            },
        );
    }

    fn run_shared(&self, guard: MutexGuard<'_, ()>, job: Job<'_>) {
        let shared = &*self.shared;
        shared.publish(job);
        for (worker, thread) in self.threads_to_wake.iter().enumerate().take(job.shares - 1) {
            if shared.asleep[worker].swap(false, Ordering::SeqCst) {
                thread.unpark();
            }
        }
        shared.take_part(&job, 0);
        shared.close_and_wait();
        let panic = if shared.failed.swap(false, Ordering::Relaxed) {
            shared
                .panic
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        } else {
            None
        };
        drop(guard);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.state.fetch_or(SHUTDOWN, Ordering::SeqCst);
        for worker in self.workers.drain(..) {
            worker.thread().unpark();
            // A worker catches the panics of its tasks, so it has none of its own to report.
            let _ = worker.join();
        }
    }
}

/// How long a worker looks for the next call before it sleeps: longer than the gap between two kernels of a step,
/// short enough to leave the core to others when no step is running.
const SPIN: Duration = Duration::from_micros(100);

/// `Shared::state` counts the workers inside the current call in its lowest 16 bits.
const ACTIVE: u64 = 0xffff;
/// The current call still takes workers in.
const OPEN: u64 = 1 << 16;
/// The pool is being dropped.
const SHUTDOWN: u64 = 1 << 17;
/// The call's number begins here.
const CALL: u64 = 1 << 32;

#[derive(Clone, Copy)]
struct Job<'a> {
    function: &'a (dyn Fn(usize, usize) + Sync),
    tasks: usize,
    shares: usize,
}

impl Job<'_> {
    fn share_start(&self, share: usize) -> usize {
        self.tasks * share / self.shares
    }
}

/// The next task of a share, on a cache line of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Cursor(AtomicUsize);

struct Shared {
    state: AtomicU64,
    job: UnsafeCell<Option<Job<'static>>>,
    cursors: Box<[Cursor]>,
    asleep: Box<[AtomicBool]>,
    failed: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

// SAFETY: `job` is the only field that is not `Sync`. It is written by `publish` alone, while the lock `Pool::running` is
// held and no worker is inside a call, and read only by workers that entered an open call; `state` orders the two.
unsafe impl Sync for Shared {}
// SAFETY: what `job` holds is a reference to a `Sync` closure, which may be used from any thread.
unsafe impl Send for Shared {}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn new(threads: usize) -> Self {
        Self {
            state: AtomicU64::new(0),
            job: UnsafeCell::new(None),
            cursors: (0..threads).map(|_| Cursor::default()).collect(),
            asleep: (1..threads).map(|_| AtomicBool::new(false)).collect(),
            failed: AtomicBool::new(false),
            panic: Mutex::new(None),
        }
    }

    fn publish(&self, job: Job<'_>) {
        for share in 0..job.shares {
            self.cursors[share]
                .0
                .store(job.share_start(share), Ordering::Relaxed);
        }
        // SAFETY: only the lifetime changes, and `run_shared` does not return before `close_and_wait` has seen every worker
        // that can read the job leave. The write itself races with nobody: the call before this one is closed and empty.
        unsafe { *self.job.get() = Some(std::mem::transmute::<Job<'_>, Job<'static>>(job)) };
        let call = self.state.load(Ordering::Relaxed) & !(CALL - 1);
        // A shutdown cannot be lost here: it takes `&mut Pool`, and this is inside `&Pool`.
        self.state
            .store(call.wrapping_add(CALL) | OPEN, Ordering::SeqCst);
    }

    /// Stops taking workers in, and waits for those that are inside.
    fn close_and_wait(&self) {
        let mut state = self.state.fetch_and(!OPEN, Ordering::AcqRel);
        let mut turns = 0_u32;
        while state & ACTIVE != 0 {
            // A worker that lost its core in the middle of a task needs one to finish it: after a while, offer ours.
            if turns < 10_000 {
                turns += 1;
                spin_loop();
            } else {
                thread::yield_now();
            }
            state = self.state.load(Ordering::Acquire);
        }
    }

    /// Runs tasks until none is left: first those of the worker's own share, then those of the shares after it.
    fn take_part(&self, job: &Job<'_>, worker: usize) {
        let shares = job.shares;
        for step in 0..shares {
            let share = (worker + step) % shares;
            let end = job.share_start(share + 1);
            loop {
                let task = self.cursors[share].0.fetch_add(1, Ordering::Relaxed);
                if task >= end || self.failed.load(Ordering::Relaxed) {
                    break;
                }
                let result = catch_unwind(AssertUnwindSafe(|| (job.function)(task, worker)));
                if let Err(panic) = result {
                    let mut first = self.panic.lock().unwrap_or_else(PoisonError::into_inner);
                    first.get_or_insert(panic);
                    self.failed.store(true, Ordering::Relaxed);
                }
            }
        }
    }

    /// What a worker thread does from its start to the end of the pool.
    fn work(&self, worker: usize) {
        let _flush = FlushDenormals::new();
        let mut last_call = 0;
        while let Some(state) = self.wait_for_call(worker, last_call) {
            let entered =
                self.state
                    .compare_exchange(state, state + 1, Ordering::AcqRel, Ordering::Relaxed);
            if entered.is_err() {
                continue;
            }
            last_call = state & !(CALL - 1);
            // SAFETY: the worker is counted in `state`, so the call that published the job is still waiting for it.
            let job = unsafe { *self.job.get() };
            if let Some(job) = job.filter(|job| worker < job.shares) {
                self.take_part(&job, worker);
            }
            self.state.fetch_sub(1, Ordering::Release);
        }
    }

    /// The state of an open call that the worker has not seen, or nothing when the pool ends.
    fn wait_for_call(&self, worker: usize, last_call: u64) -> Option<u64> {
        let ready = |state: u64| {
            state & SHUTDOWN != 0 || (state & OPEN != 0 && state & !(CALL - 1) != last_call)
        };
        let mut since = Instant::now();
        let state = loop {
            let state = self.state.load(Ordering::SeqCst);
            if ready(state) {
                break state;
            }
            if since.elapsed() < SPIN {
                (0..32).for_each(|_| spin_loop());
                continue;
            }
            let asleep = &self.asleep[worker - 1];
            asleep.store(true, Ordering::SeqCst);
            // Whoever publishes a call after this look sees that the worker sleeps, and wakes it.
            while !ready(self.state.load(Ordering::SeqCst)) && asleep.load(Ordering::SeqCst) {
                thread::park();
            }
            asleep.store(false, Ordering::SeqCst);
            since = Instant::now();
        };
        (state & SHUTDOWN == 0).then_some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;

    fn count_each(pool: &Pool, tasks: usize) {
        let counts: Vec<AtomicU32> = (0..tasks).map(|_| AtomicU32::new(0)).collect();
        pool.run(tasks, &|task, worker| {
            assert!(worker < pool.threads().min(tasks));
            counts[task].fetch_add(1, Ordering::Relaxed);
        });
        assert!(
            counts
                .iter()
                .all(|count| count.load(Ordering::Relaxed) == 1)
        );
    }

    #[test]
    fn each_task_runs_exactly_once() {
        for threads in [1, 2, 3, 7] {
            let pool = Pool::new(threads);
            for tasks in [0, 1, 2, 3, 5, 16, 257] {
                for _ in 0..50 {
                    count_each(&pool, tasks);
                }
            }
        }
    }

    #[test]
    fn workers_that_sleep_are_woken() {
        let pool = Pool::new(3);
        for _ in 0..20 {
            thread::sleep(3 * SPIN);
            count_each(&pool, 9);
        }
    }

    #[test]
    fn a_panic_in_a_task_reaches_the_caller_and_leaves_the_pool_usable() {
        let pool = Pool::new(3);
        for bad in 0..6 {
            let result = catch_unwind(AssertUnwindSafe(|| {
                pool.run(6, &|task, _| assert!(task != bad, "task {task} is bad"));
            }));
            let message = *result.unwrap_err().downcast::<String>().unwrap();
            assert_eq!(message, format!("task {bad} is bad"));
            count_each(&pool, 8);
        }
    }

    #[test]
    fn calls_from_several_threads_and_from_inside_tasks_finish() {
        let pool = Pool::new(2);
        let done = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        pool.run(4, &|_, _| {
                            pool.run(2, &|_, worker| {
                                assert_eq!(worker, 0);
                                done.fetch_add(1, Ordering::Relaxed);
                            });
                        });
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 4 * 200 * 4 * 2);
    }

    #[test]
    fn a_task_that_waits_does_not_keep_the_others_from_being_run() {
        let pool = Pool::new(2);
        let blocked = Mutex::new(());
        let hold = blocked.lock().unwrap();
        thread::scope(|scope| {
            // One task waits for the lock that this thread holds; every other task must be done meanwhile.
            let done = Arc::new(AtomicUsize::new(0));
            let seen = Arc::clone(&done);
            let (pool, blocked) = (&pool, &blocked);
            scope.spawn(move || {
                pool.run(40, &|task, _| {
                    if task == 39 {
                        drop(blocked.lock());
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                });
            });
            while seen.load(Ordering::Relaxed) < 39 {
                thread::yield_now();
            }
            drop(hold);
        });
    }

    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[test]
    fn denormals_are_flushed_on_every_worker_and_only_there() {
        use std::hint::black_box;
        let tiny = || black_box(f32::MIN_POSITIVE) * black_box(0.5);
        let pool = Pool::new(3);
        pool.run(64, &|_, _| assert_eq!(tiny(), 0.0));
        assert!(tiny() > 0.0);
    }

    #[test]
    fn dropping_a_pool_ends_its_threads() {
        for threads in [1, 2, 5] {
            let pool = Pool::new(threads);
            count_each(&pool, 3);
            let shared = Arc::downgrade(&pool.shared);
            drop(pool);
            assert!(shared.upgrade().is_none());
        }
    }
}
