//! Processes that are killed in the middle of a run and started again.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use hornblende::prelude::*;
use hornblende::random::Stream;

use super::run::{Training, fresh_folder};

/// Where the process that is killed finds its folder.
const FOLDER: &str = "HORNBLENDE_RESUME_FOLDER";

/// How often the full run kills.
const KILLS: &str = "HORNBLENDE_RESUME_KILLS";

fn training(folder: &Path) -> Training {
    Training {
        folder: Some(folder.join("backup")),
        epochs: 30,
        rows: 200,
        save_freq: 2,
        ..Training::default()
    }
}

/// Says that training has begun, so that the killer need not guess how long a process takes to start.
struct Ready<'a>(&'a Path);

impl Callback for Ready<'_> {
    fn on_train_begin(&mut self, _: &mut Run) -> Result<Flow> {
        std::fs::write(self.0, b"").unwrap();
        Ok(Flow::Continue)
    }
}

#[test]
#[ignore = "it is started by the test that kills it"]
fn process_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let ready = folder.join("ready");
    let told = training(folder).run_with(vec![Box::new(Ready(&ready))]);
    let partial = folder.join("told.partial");
    std::fs::write(&partial, told.unwrap()).unwrap();
    std::fs::rename(partial, folder.join("told")).unwrap();
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::process_that_is_killed", "--ignored"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the process trains or has ended; tells whether it trains.
fn wait_until_ready(child: &mut Child, folder: &Path) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(300) {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if folder.join("ready").exists() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("a process does not begin to train");
}

/// Runs a process to its end; the time it trained and what it told.
fn undisturbed(folder: &Path) -> (Duration, String) {
    std::fs::create_dir_all(folder).unwrap();
    let mut child = start(folder);
    wait_until_ready(&mut child, folder);
    let begin = Instant::now();
    assert!(child.wait().unwrap().success());
    let told = std::fs::read_to_string(folder.join("told")).unwrap();
    (begin.elapsed(), told)
}

#[test]
fn killed_at_any_moment_a_run_ends_with_the_bits_of_an_undisturbed_one() {
    let kills = std::env::var(KILLS).map_or(5, |n| n.parse().unwrap());
    let folder = fresh_folder("undisturbed");
    let (time, wanted) = undisturbed(&folder);
    std::fs::remove_dir_all(folder).unwrap();
    let seed = Instant::now().elapsed().as_nanos() as u64 ^ u64::from(std::process::id());
    let mut random = Stream::new(seed, 0);
    let (mut killed, mut runs, mut hit) = (0, 0, 0);
    while killed < kills {
        let folder = fresh_folder("killed");
        std::fs::create_dir_all(&folder).unwrap();
        // A fifth of the run on average between two kills, so that a run is killed several times.
        loop {
            let mut child = start(&folder);
            if wait_until_ready(&mut child, &folder) && killed < kills {
                std::thread::sleep(time.mul_f64(0.4 * random.uniform()));
                // It may have ended in the meantime; then there is nothing to kill.
                let was_alive = child.try_wait().unwrap().is_none();
                child.kill().unwrap();
                killed += usize::from(was_alive);
                hit += partial_files(&folder.join("backup"));
            }
            child.wait().unwrap();
            let _ = std::fs::remove_file(folder.join("ready"));
            if folder.join("told").exists() {
                break;
            }
        }
        runs += 1;
        let told = std::fs::read_to_string(folder.join("told")).unwrap();
        assert!(
            told == wanted,
            "seed {seed}: run {runs} after {killed} kills"
        );
        assert!(!folder.join("backup").exists());
        std::fs::remove_dir_all(folder).unwrap();
    }
    println!("{killed} kills in {runs} runs, {hit} of them in the middle of a checkpoint");
}

fn partial_files(folder: &Path) -> usize {
    let partial = |name: std::ffi::OsString| name.to_string_lossy().ends_with(".partial");
    std::fs::read_dir(folder).map_or(0, |entries| {
        entries.flatten().filter(|e| partial(e.file_name())).count()
    })
}
