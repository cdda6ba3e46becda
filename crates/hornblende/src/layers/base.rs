// tidy: not an item
//! What all layers have: a name, variables, flags.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use hornblende_core::{DType, Error, Result, Shape, Variable};

use crate::config::{Config, class_object};
use crate::initializers::Initializer;
use crate::regularizers::Regularizer;

/// Name, variables and flags of a layer; clones are handles on the same.
#[derive(Clone, Default)]
pub struct LayerBase(Arc<Inner>);

struct Inner {
    name: OnceLock<String>,
    trainable: AtomicBool,
    /// Held while the layer is being built, so that two threads do not build it twice.
    built: Mutex<bool>,
    variables: Mutex<Vec<Tracked>>,
    settings: Mutex<Settings>,
}

/// A variable under its name within the layer.
struct Tracked {
    name: String,
    variable: Variable,
    /// False for state that Keras's `weights` leave out, such as random keys.
    is_weight: bool,
}

#[derive(Clone)]
struct Settings {
    dtype: DType,
    input_shape: Option<Shape>,
    activity_regularizer: Option<Arc<dyn Regularizer>>,
    /// A bad argument of a builder method, told when the layer is built.
    error: Option<Error>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            name: OnceLock::new(),
            trainable: AtomicBool::new(true),
            built: Mutex::new(false),
            variables: Mutex::default(),
            settings: Mutex::new(Settings {
                dtype: DType::F32,
                input_shape: None,
                activity_regularizer: None,
                error: None,
            }),
        }
    }
}

/// The lock, also after another thread panicked while it held it: what it guards is whole either way.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    /// How many layers of each class were named automatically on this thread.
    static COUNTS: RefCell<HashMap<String, usize>> = RefCell::default();
}

/// Starts the numbering of automatic layer names again, as `keras.backend.clear_session`.
pub fn clear_session() {
    COUNTS.with(|c| c.borrow_mut().clear());
}

/// The next automatic name: `dense`, `dense_1`, ...
#[must_use]
pub fn automatic_name(class_name: &str) -> String {
    let stem = snake_case(class_name);
    COUNTS.with(|c| {
        let mut counts = c.borrow_mut();
        let count = counts.entry(stem.clone()).or_default();
        *count += 1;
        if *count == 1 {
            stem
        } else {
            format!("{stem}_{}", *count - 1)
        }
    })
}

/// Keras's snake case: `Conv2D` is `conv2d`, `MaxPooling2D` is `max_pooling2d`.
#[must_use]
pub fn snake_case(class_name: &str) -> String {
    let letters: Vec<char> = class_name.chars().collect();
    let mut out = String::new();
    for (k, c) in letters.iter().enumerate() {
        let starts_word = c.is_uppercase()
            && k > 0
            && (letters[k - 1].is_lowercase()
                || (letters[k - 1].is_alphanumeric()
                    && letters.get(k + 1).is_some_and(|n| n.is_lowercase())));
        if starts_word {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

impl LayerBase {
    /// The name: as set, else made from the class name when it is first asked for.
    #[must_use]
    pub fn name(&self, class_name: &str) -> String {
        self.0
            .name
            .get_or_init(|| automatic_name(class_name))
            .clone()
    }

    /// Sets the name, unless the layer has one already.
    pub fn set_name(&self, name: impl Into<String>) {
        // The first name stays: a layer that was called is known to models by it.
        let _ = self.0.name.set(name.into());
    }

    /// Whether an optimizer may change the layer's variables. True at first.
    #[must_use]
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Freezes (`false`) or thaws the layer; takes effect at the next `compile`.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable, Ordering::Relaxed);
    }

    /// True if both are handles on the same layer.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A number that tells this layer from all others that are alive.
    #[must_use]
    pub fn identity(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// The floating-point type of the variables and of the computation. `F32` at first.
    #[must_use]
    pub fn dtype(&self) -> DType {
        lock(&self.0.settings).dtype
    }

    /// Sets the floating-point type; it counts for variables that are made later.
    pub fn set_dtype(&self, dtype: DType) {
        lock(&self.0.settings).dtype = dtype;
    }

    /// The shape of one sample of the input, if the user named it for a `Sequential`.
    #[must_use]
    pub fn input_shape(&self) -> Option<Shape> {
        lock(&self.0.settings).input_shape.clone()
    }

    /// Names the shape of one sample of the input.
    pub fn set_input_shape(&self, shape: Shape) {
        lock(&self.0.settings).input_shape = Some(shape);
    }

    /// What each call adds to the loss for the layer's results.
    #[must_use]
    pub fn activity_regularizer(&self) -> Option<Arc<dyn Regularizer>> {
        lock(&self.0.settings).activity_regularizer.clone()
    }

    /// Sets what each call adds to the loss for the layer's results.
    pub fn set_activity_regularizer(&self, regularizer: Option<Arc<dyn Regularizer>>) {
        lock(&self.0.settings).activity_regularizer = regularizer;
    }

    /// Notes an argument that makes no sense; the first is told when the layer is built.
    pub fn refuse(&self, error: Error) {
        lock(&self.0.settings).error.get_or_insert(error);
    }

    /// The arguments that every layer has: name, trainable, dtype, and the regularizer of its results if it
    /// has one.
    #[must_use]
    pub fn get_config(&self, class_name: &str) -> Config {
        let config = Config::new()
            .with("name", self.name(class_name))
            .with("trainable", self.trainable())
            .with("dtype", self.dtype().name());
        match self.activity_regularizer() {
            Some(it) => config.with(
                "activity_regularizer",
                class_object("keras.regularizers", it.class_name(), it.get_config()),
            ),
            None => config,
        }
    }

    /// Whether the variables exist.
    #[must_use]
    pub fn is_built(&self) -> bool {
        *lock(&self.0.built)
    }

    /// Builds the layer if that has not happened yet.
    ///
    /// # Errors
    /// What `build` returns; the layer then counts as not built and has no variables.
    pub fn build_once(&self, class_name: &str, build: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut built = lock(&self.0.built);
        if *built {
            return Ok(());
        }
        let refused = lock(&self.0.settings).error.clone();
        let result = refused.map_or_else(build, Err);
        let mut variables = lock(&self.0.variables);
        if result.is_ok() {
            *built = true;
            let name = self.name(class_name);
            for tracked in variables.iter() {
                tracked.variable.rename(format!("{name}/{}", tracked.name));
            }
        } else {
            variables.clear();
        }
        result
    }

    /// Makes a variable of the layer, of the layer's floating-point type.
    ///
    /// # Errors
    /// What the initializer returns; [`Error::InvalidArgument`] for a shape that memory cannot hold.
    pub fn add_weight(
        &self,
        name: &str,
        shape: impl Into<Shape>,
        initializer: &dyn Initializer,
        trainable: bool,
    ) -> Result<Variable> {
        let shape = shape.into();
        check_memory(&shape, self.dtype())?;
        let value = initializer.initialize(&shape, self.dtype())?;
        let variable = Variable::from_value(name, value);
        variable.set_trainable(trainable);
        self.track(name, variable.clone());
        Ok(variable)
    }

    /// Makes an existing variable one of the layer's weights.
    pub fn track(&self, name: &str, variable: Variable) {
        self.push(name, variable, true);
    }

    /// Makes a variable part of the layer's state but not of its weights: a random key, a counter.
    pub fn track_state(&self, name: &str, variable: Variable) {
        self.push(name, variable, false);
    }

    fn push(&self, name: &str, variable: Variable, is_weight: bool) {
        lock(&self.0.variables).push(Tracked {
            name: name.to_owned(),
            variable,
            is_weight,
        });
    }

    /// The layer's own variables: Keras's order, trainable ones first, then other weights, then state that
    /// is no weight.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let mut variables = self.weights();
        let tracked = lock(&self.0.variables);
        variables.extend(
            tracked
                .iter()
                .filter(|t| !t.is_weight)
                .map(|t| t.variable.clone()),
        );
        variables
    }

    /// The layer's own weights: trainable ones first.
    #[must_use]
    pub fn weights(&self) -> Vec<Variable> {
        let tracked = lock(&self.0.variables);
        let weights = tracked.iter().filter(|t| t.is_weight);
        let (trainable, other): (Vec<_>, Vec<_>) = weights
            .map(|t| t.variable.clone())
            .partition(Variable::trainable);
        trainable.into_iter().chain(other).collect()
    }

    /// The layer's own variable of this name, without the layer's name before it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<Variable> {
        let tracked = lock(&self.0.variables);
        let found = tracked.iter().find(|t| t.name == name)?;
        Some(found.variable.clone())
    }

    /// As [`LayerBase::variable`], for a layer that is built.
    ///
    /// # Errors
    /// [`Error::NotBuilt`] if there is no such variable.
    pub fn built_variable(&self, name: &str) -> Result<Variable> {
        self.variable(name).ok_or_else(|| {
            Error::not_built(
                format!("variable \"{name}\""),
                "a layer that is built",
                "one without variables",
                "Call the layer, which builds it",
            )
        })
    }
}

/// Fails for a shape that memory cannot hold: a description of a model may come from a stranger, and a failed
/// allocation would end the process.
pub(in crate::layers) fn check_memory(shape: &Shape, dtype: DType) -> Result<()> {
    let mut sizes = shape.dims().iter().copied();
    let bytes = sizes.try_fold(dtype.size(), usize::checked_mul);
    let fits = bytes.is_some_and(|bytes| Vec::<u8>::new().try_reserve_exact(bytes).is_ok());
    if fits {
        return Ok(());
    }
    Err(Error::invalid_argument(
        "weight",
        "a shape that fits into memory",
        shape.to_string(),
        "",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_keras() {
        for (class, snake) in [
            ("Dense", "dense"),
            ("Conv2D", "conv2d"),
            ("MaxPooling2D", "max_pooling2d"),
            ("LSTM", "lstm"),
            ("LayerNormalization", "layer_normalization"),
            ("ReLU", "re_lu"),
            ("SimpleRNN", "simple_rnn"),
        ] {
            assert_eq!(snake_case(class), snake);
        }
        clear_session();
        assert_eq!(automatic_name("Dense"), "dense");
        assert_eq!(automatic_name("Dense"), "dense_1");
    }
}
