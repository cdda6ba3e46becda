//! Variables: the mutable state of layers, optimizers, metrics and counters.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::deferred::{Group, Item, defer, group};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::function;
use crate::graph::Spec;
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::value::Value;

/// A value that can be assigned to. Clones are handles on the same variable.
///
/// Outside a trace, [`Variable::read`] is the value at that moment and [`Variable::assign`] takes effect
/// at once, though it is computed when somebody looks, with what was assigned meanwhile. Inside a trace (a [`crate::function::Function`], a training step) an assignment becomes an
/// output of the program, and the value is updated in place when the program runs.
///
/// # Example
/// ```
/// use hornblende_core::{Tensor, Variable};
/// let x = Variable::new("x", Tensor::from([1.0f32, 2.0]))?;
/// x.assign(&(x.read() * 10.0))?;
/// assert_eq!(x.read().to_vec::<f32>()?, [10.0, 20.0]);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Variable(Arc<Inner>);

struct Inner {
    id: u64,
    name: Mutex<Arc<str>>,
    spec: Spec,
    trainable: AtomicBool,
    rules: Mutex<Rules>,
    slot: Mutex<Slot>,
    returned: Condvar,
}

/// Where the value is.
struct Slot {
    content: Content,
    /// How many threads wait for the value to be returned.
    waiting: usize,
}

enum Content {
    Here(Value),
    /// A running program has it.
    Lent,
    /// The value before an assignment that is not computed yet.
    Deferred(Value, Arc<Group>),
}

/// A function of a variable's value that is attached to it: see [`Variable::set_regularizer`] and
/// [`Variable::set_constraint`].
pub type VariableRule = Arc<dyn Fn(&Tensor) -> Tensor + Send + Sync>;

#[derive(Default)]
struct Rules {
    regularizer: Option<VariableRule>,
    constraint: Option<VariableRule>,
}

impl Variable {
    /// A variable with this first value.
    ///
    /// # Errors
    /// What evaluating `initial` reports.
    pub fn new(name: impl Into<String>, initial: impl Into<Tensor>) -> Result<Self> {
        Ok(Self::from_value(name, initial.into().eval()?))
    }

    /// A variable with this first value.
    #[must_use]
    pub fn from_value(name: impl Into<String>, value: Value) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            name: Mutex::new(name.into().into()),
            spec: Spec {
                shape: value.shape().clone(),
                dtype: value.dtype(),
            },
            trainable: AtomicBool::new(true),
            rules: Mutex::default(),
            slot: Mutex::new(Slot {
                content: Content::Here(value),
                waiting: 0,
            }),
            returned: Condvar::new(),
        }))
    }

    /// A number that no other variable of this process has.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// The name: a path such as `dense_1/kernel`.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&lock(&self.0.name))
    }

    /// Gives the variable another name.
    pub fn rename(&self, name: impl Into<String>) {
        *lock(&self.0.name) = name.into().into();
    }

    /// The shape, which never changes.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.0.spec.shape
    }

    /// The element type, which never changes.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.0.spec.dtype
    }

    /// Shape and element type.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.0.spec
    }

    /// Whether an optimizer may change it. True at first.
    #[must_use]
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Sets whether an optimizer may change it.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable, Ordering::Relaxed);
    }

    /// What training adds to the loss for the variable's value: a scalar.
    #[must_use]
    pub fn regularizer(&self) -> Option<VariableRule> {
        lock(&self.0.rules).regularizer.clone()
    }

    /// Sets what training adds to the loss for the variable's value, or takes it away.
    pub fn set_regularizer(&self, regularizer: Option<VariableRule>) {
        lock(&self.0.rules).regularizer = regularizer;
    }

    /// What an optimizer replaces the value by after each update.
    #[must_use]
    pub fn constraint(&self) -> Option<VariableRule> {
        lock(&self.0.rules).constraint.clone()
    }

    /// Sets what an optimizer replaces the value by after each update, or takes it away.
    pub fn set_constraint(&self, constraint: Option<VariableRule>) {
        lock(&self.0.rules).constraint = constraint;
    }

    /// The variable as a tensor: inside a trace its current traced value, else its value now.
    #[must_use]
    pub fn read(&self) -> Tensor {
        if let Some(traced) = function::read(self) {
            return traced;
        }
        match self.settled() {
            Ok(slot) => Tensor::read(self.clone(), slot.here().cloned()),
            Err(error) => Tensor::invalid(error),
        }
    }

    /// The value now, whatever is being traced. Waits while a program that updates it runs.
    #[must_use]
    pub fn value(&self) -> Value {
        loop {
            match self.settled() {
                Ok(slot) => {
                    if let Some(value) = slot.here() {
                        return value.clone();
                    }
                }
                // The variable keeps its value; whatever is evaluated next returns the error.
                Err(error) => group().fail(error),
            }
        }
    }

    /// Waits while a program has the value, and computes an assignment that is not computed yet.
    pub(crate) fn settle(&self) -> Result<()> {
        self.settled().map(|_| ())
    }

    /// The slot once the value is here.
    fn settled(&self) -> Result<MutexGuard<'_, Slot>> {
        loop {
            let slot = self.returned();
            let Content::Deferred(_, group) = &slot.content else {
                return Ok(slot);
            };
            let group = Arc::clone(group);
            drop(slot);
            group.settle()?;
        }
    }

    /// The slot once no program has the value.
    fn returned(&self) -> MutexGuard<'_, Slot> {
        let mut slot = lock(&self.0.slot);
        while let Content::Lent = slot.content {
            slot.waiting += 1;
            slot = (self.0.returned.wait(slot)).unwrap_or_else(PoisonError::into_inner);
            slot.waiting -= 1;
        }
        slot
    }

    /// Sets the value: at once, or, inside a trace, when the program runs.
    ///
    /// # Errors
    /// The error that `tensor` carries, or [`Error::ShapeMismatch`] / [`Error::DTypeMismatch`] if it does
    /// not have the variable's shape and type.
    #[track_caller]
    pub fn assign(&self, tensor: &Tensor) -> Result<()> {
        let tensor = tensor.check()?;
        self.fits(tensor.spec())?;
        if function::assign(self, tensor) {
            return Ok(());
        }
        match tensor.0.value() {
            Some(value) => self.set(value.clone()),
            None => defer(Item::Assign(self.clone(), tensor.clone())),
        }
    }

    /// Adds to the value; see [`Variable::assign`].
    ///
    /// # Errors
    /// As [`Variable::assign`].
    #[track_caller]
    pub fn assign_add(&self, tensor: &Tensor) -> Result<()> {
        self.assign(&(self.read() + tensor))
    }

    /// Sets the value at once, whatever is being traced.
    ///
    /// # Errors
    /// As [`Variable::assign`].
    #[track_caller]
    pub fn set(&self, value: Value) -> Result<()> {
        self.fits(&Spec {
            shape: value.shape().clone(),
            dtype: value.dtype(),
        })?;
        self.settled()?.content = Content::Here(value);
        Ok(())
    }

    /// Takes the value out for a program that will update it in place; others wait for
    /// [`Variable::give_back`]. If an assignment is not computed yet, only the group that computes it gets the value,
    /// and others get that group.
    pub(crate) fn check_out(&self, computing: Option<&Arc<Group>>) -> Result<Value, Arc<Group>> {
        let mut slot = self.returned();
        if let Content::Deferred(_, group) = &slot.content
            && computing.is_none_or(|computing| !Arc::ptr_eq(computing, group))
        {
            return Err(Arc::clone(group));
        }
        match std::mem::replace(&mut slot.content, Content::Lent) {
            Content::Here(value) | Content::Deferred(value, _) => Ok(value),
            Content::Lent => unreachable!("the slot was returned"),
        }
    }

    /// The value for a program that only reads it, into a value that may have memory for the shape already; else as
    /// [`Variable::check_out`].
    pub(crate) fn share_with(&self, into: &mut Value) -> Result<(), Arc<Group>> {
        let slot = self.returned();
        match &slot.content {
            Content::Deferred(_, group) => Err(Arc::clone(group)),
            _ => {
                slot.here()
                    .into_iter()
                    .for_each(|value| into.clone_from(value));
                Ok(())
            }
        }
    }

    pub(crate) fn give_back(&self, value: Value) {
        let mut slot = lock(&self.0.slot);
        slot.content = Content::Here(value);
        // A wake-up is a call of the system, and nearly always nobody waits.
        if slot.waiting > 0 {
            self.0.returned.notify_all();
        }
    }

    /// Notes that this group has an assignment to the variable; false if the value is not here.
    pub(crate) fn defer(&self, group: &Arc<Group>) -> bool {
        let mut slot = lock(&self.0.slot);
        match std::mem::replace(&mut slot.content, Content::Lent) {
            Content::Here(value) => {
                slot.content = Content::Deferred(value, Arc::clone(group));
                true
            }
            other => {
                slot.content = other;
                false
            }
        }
    }

    /// Forgets the assignment that this group has, if it has one.
    pub(crate) fn keep(&self, group: &Arc<Group>) {
        let mut slot = lock(&self.0.slot);
        match std::mem::replace(&mut slot.content, Content::Lent) {
            Content::Deferred(value, of) if Arc::ptr_eq(&of, group) => {
                slot.content = Content::Here(value);
            }
            other => slot.content = other,
        }
    }

    /// Whether this is the value that an assignment which is not computed yet will replace.
    pub(crate) fn will_replace(&self, value: &Value) -> bool {
        let slot = lock(&self.0.slot);
        matches!(&slot.content, Content::Deferred(old, _) if old.is_same(value))
    }

    /// How many handles on the variable there are.
    #[cfg(test)]
    pub(crate) fn handles(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    #[track_caller]
    fn fits(&self, got: &Spec) -> Result<()> {
        let location = crate::scope::location(std::panic::Location::caller());
        let subject = || format!("assign to variable \"{}\"", self.name());
        if got.shape != self.0.spec.shape {
            let error = Error::shape_mismatch(
                subject(),
                format!("shape {}", self.0.spec.shape),
                got.shape.to_string(),
                "",
            );
            return Err(crate::scope::blame(error, location));
        }
        if got.dtype != self.0.spec.dtype {
            let error = Error::dtype_mismatch(
                subject(),
                self.0.spec.dtype.name(),
                got.dtype.name(),
                "Convert it with cast",
            );
            return Err(crate::scope::blame(error, location));
        }
        Ok(())
    }
}

impl Slot {
    fn here(&self) -> Option<&Value> {
        match &self.content {
            Content::Here(value) => Some(value),
            _ => None,
        }
    }
}

/// The lock, also after another thread panicked while it held it: the value is whole either way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Two handles are equal if they are handles on the same variable.
impl PartialEq for Variable {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Variable {}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Variable(\"{}\" {} {})",
            self.name(),
            self.dtype(),
            self.shape()
        )
    }
}

impl From<&Variable> for Tensor {
    fn from(variable: &Variable) -> Self {
        variable.read()
    }
}
