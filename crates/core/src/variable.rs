//! Variables: the mutable state of layers, optimizers, metrics and counters.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

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
/// at once. Inside a trace (a [`crate::function::Function`], a training step) an assignment becomes an
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
    /// `None` while a running program has the value.
    value: Mutex<Option<Value>>,
    returned: Condvar,
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
            value: Mutex::new(Some(value)),
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
        function::read(self).unwrap_or_else(|| Tensor::read(self.clone(), Some(self.value())))
    }

    /// The value now, whatever is being traced. Waits while a program that updates it runs.
    #[must_use]
    pub fn value(&self) -> Value {
        self.with_value(Value::clone)
    }

    /// As [`Variable::value`], into a value that may have memory for the shape already.
    pub(crate) fn share_with(&self, into: &mut Value) {
        self.with_value(|value| into.clone_from(value));
    }

    fn with_value<R>(&self, look: impl FnOnce(&Value) -> R) -> R {
        let mut slot = lock(&self.0.value);
        loop {
            match &*slot {
                Some(value) => return look(value),
                None => {
                    slot = self
                        .0
                        .returned
                        .wait(slot)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
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
        self.set(tensor.eval()?)
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
        let mut slot = lock(&self.0.value);
        while slot.is_none() {
            slot = self
                .0
                .returned
                .wait(slot)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *slot = Some(value);
        Ok(())
    }

    /// Takes the value out for a program that will update it in place; others wait for
    /// [`Variable::give_back`].
    pub(crate) fn check_out(&self) -> Value {
        let mut slot = lock(&self.0.value);
        loop {
            match slot.take() {
                Some(value) => return value,
                None => {
                    slot = self
                        .0
                        .returned
                        .wait(slot)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    pub(crate) fn give_back(&self, value: Value) {
        *lock(&self.0.value) = Some(value);
        self.0.returned.notify_all();
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
