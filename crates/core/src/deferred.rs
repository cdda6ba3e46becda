//! Assignments that are computed when somebody looks.
//!
//! Outside a trace an assignment takes effect at once as far as anyone can see, but nothing is computed before a
//! variable that it changes is read, or any other value is asked for. So the gradients, the update of the weights and
//! the metrics of a step that is written out by hand become one program, as they do in a compiled step, and no gradient
//! is written to memory of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};
use crate::eval;
use crate::procedure::Procedure;
use crate::tensor::Tensor;
use crate::variable::Variable;

/// Something that waits to be computed. No two items of a group change the same variable; what one reads of a variable
/// that another one changes is the value before.
pub(crate) enum Item {
    /// The variable becomes the tensor.
    Assign(Variable, Tensor),
    /// The procedure's variables become what it makes of these inputs.
    Call(Arc<Procedure>, Vec<Tensor>),
}

impl Item {
    /// The variables that are changed.
    pub(crate) fn updated(&self) -> &[Variable] {
        match self {
            Self::Assign(variable, _) => std::slice::from_ref(variable),
            Self::Call(procedure, _) => procedure.updated(),
        }
    }

    /// What has to be computed for it.
    pub(crate) fn operands(&self) -> &[Tensor] {
        match self {
            Self::Assign(_, tensor) => std::slice::from_ref(tensor),
            Self::Call(_, inputs) => inputs,
        }
    }
}

/// What waits on one thread.
#[derive(Default)]
pub(crate) struct Group(Mutex<Waiting>);

#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) items: Vec<Item>,
    /// An error that came up where none could be returned.
    failed: Option<Error>,
}

impl Waiting {
    /// The error that nobody was told of yet.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }
}

impl Group {
    /// Computes what waits.
    ///
    /// # Errors
    /// What the engine reports, now or when a value was looked at that could not report it. The variables are as they
    /// were then.
    pub(crate) fn settle(self: &Arc<Self>) -> Result<()> {
        let mut waiting = self.lock();
        waiting.check()?;
        if waiting.items.is_empty() {
            return Ok(());
        }
        eval::compute(&[], self, &mut waiting.items)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps an error for the next call that can return it.
    pub(crate) fn fail(&self, error: Error) {
        self.lock().failed.get_or_insert(error);
    }

    /// Gives up what waits: its variables keep their values.
    pub(crate) fn abandon(self: &Arc<Self>, items: &mut Vec<Item>) {
        for variable in items.iter().flat_map(Item::updated) {
            variable.keep(self);
        }
        items.clear();
    }
}

/// The group of a thread: what still waits when the thread ends is computed then.
struct OfThread(Arc<Group>);

impl Drop for OfThread {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.0.settle();
    }
}

thread_local! {
    static GROUP: OfThread = OfThread(Arc::default());
}

/// The group of this thread.
pub(crate) fn group() -> Arc<Group> {
    GROUP
        .try_with(|group| Arc::clone(&group.0))
        .unwrap_or_default()
}

/// Adds an item to what waits on this thread.
///
/// # Errors
/// What computing earlier assignments to the same variables reports.
pub(crate) fn defer(item: Item) -> Result<()> {
    let group = group();
    loop {
        for variable in item.updated() {
            variable.settle()?;
        }
        let mut waiting = group.lock();
        // Another thread may have assigned to one of them in between.
        if item.updated().iter().all(|v| v.defer(&group)) {
            waiting.items.push(item);
            return Ok(());
        }
        item.updated().iter().for_each(|v| v.keep(&group));
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::Tensor;
    use crate::function::trace;

    fn variable(x: f32) -> Variable {
        Variable::new("x", Tensor::from(x)).unwrap()
    }

    fn number(variable: &Variable) -> f32 {
        variable.read().item().unwrap()
    }

    #[test]
    fn what_is_computed_on_the_way_to_several_assignments_is_computed_with_them() {
        let (a, b) = (variable(1.0), variable(2.0));
        let shared = (a.read() + b.read()).exp();
        a.assign(&(&shared * 2.0)).unwrap();
        b.assign(&(&shared * 3.0)).unwrap();
        assert!(shared.0.value().is_none());
        assert_eq!(number(&b), 3.0 * 3f32.exp());
        // Somebody held it, so it is at hand, and nothing is left.
        assert!(shared.0.value().is_some());
        assert!(group().lock().items.is_empty());
    }

    #[test]
    fn any_value_that_is_asked_for_brings_the_rest_along() {
        let x = variable(3.0);
        let y = x.read() * 2.0;
        x.assign(&(&y + 1.0)).unwrap();
        assert_eq!(y.item::<f32>().unwrap(), 6.0);
        assert!(group().lock().items.is_empty());
        assert_eq!(x.value().get_f64(0), 7.0);
    }

    #[test]
    fn an_earlier_read_keeps_what_it_saw() {
        let x = variable(1.0);
        let before = x.read();
        let doubled = &before * 2.0;
        x.assign(&(&doubled + 5.0)).unwrap();
        assert_eq!(number(&x), 7.0);
        assert_eq!(before.item::<f32>().unwrap(), 1.0);
        assert_eq!((before + doubled).item::<f32>().unwrap(), 3.0);
    }

    #[test]
    fn an_assignment_that_cannot_be_computed_is_told_once_and_leaves_the_value() {
        let x = variable(1.0);
        let mut leaked = None;
        trace(&[x.spec().clone()], |inputs| {
            leaked = inputs.first().cloned();
            Ok(Vec::new())
        })
        .unwrap();
        let leaked = leaked.unwrap() * 2.0;
        x.assign(&leaked).unwrap();
        let error = x.read().item::<f32>().unwrap_err().to_string();
        assert!(error.contains("being traced"), "{error}");
        assert_eq!(number(&x), 1.0);

        x.assign(&leaked).unwrap();
        assert_eq!(x.value().get_f64(0), 1.0);
        let told = (Tensor::from(1.0f32) + 1.0).eval().unwrap_err().to_string();
        assert!(told.contains("being traced"), "{told}");
        assert_eq!(number(&x), 1.0);
    }

    #[test]
    fn what_waits_on_a_thread_is_seen_by_others_during_its_life_and_after() {
        let x = variable(1.0);
        thread::scope(|scope| {
            let x = &x;
            scope.spawn(move || {
                x.assign(&(x.read() + 1.0)).unwrap();
                let seen = thread::scope(|inner| inner.spawn(|| number(x)).join().unwrap());
                assert_eq!(seen, 2.0);
                x.assign(&(x.read() * 10.0)).unwrap();
            });
        });
        assert_eq!(number(&x), 20.0);
    }

    #[test]
    fn threads_that_assign_to_the_same_variables_do_not_wait_for_each_other_forever() {
        let shared: Vec<Variable> = (0..4).map(|_| variable(0.0)).collect();
        let step = crate::function({
            let shared = shared.clone();
            move |_| {
                (shared.iter().rev()).try_for_each(|x| x.assign(&(x.read() * 0.5 + 1.0)))?;
                Ok(Vec::new())
            }
        });
        thread::scope(|scope| {
            for turn in 0..4 {
                let (shared, step) = (&shared, &step);
                scope.spawn(move || {
                    for k in 0..50 {
                        let (x, y) = (&shared[(turn + k) % 4], &shared[k % 4]);
                        x.assign(&(y.read() * 0.5 + 1.0)).unwrap();
                        y.assign(&(x.read() * 0.5 + 1.0)).unwrap();
                        step.call(&[]).unwrap();
                    }
                });
            }
        });
        // However the turns fell, everything tends to 2.
        assert!(shared.iter().all(|x| (number(x) - 2.0).abs() < 0.1));
    }

    #[test]
    fn a_program_that_is_kept_keeps_no_variable() {
        let x = variable(1.0);
        let procedure = Procedure::trace(&[], |_| x.assign(&(x.read() + 1.0))).unwrap();
        procedure.call(&[]).unwrap();
        x.assign(&(x.read() * 3.0)).unwrap();
        assert_eq!(number(&x), 6.0);
        drop(procedure);
        assert_eq!(x.handles(), 1);
    }
}
