//! What all layers have: a name, variables, flags.
// tidy: not an item

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use hornblende_core::{DType, Result, Shape, Variable};

use crate::initializers::Initializer;

/// Name, variables and flags of a layer; clones are handles on the same.
#[derive(Clone, Default)]
pub struct LayerBase(Arc<Inner>);

struct Inner {
    name: OnceLock<String>,
    trainable: AtomicBool,
    /// Held while the layer is being built, so that two threads do not build it twice.
    built: Mutex<bool>,
    variables: Mutex<Vec<(String, Variable)>>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            name: OnceLock::new(),
            trainable: AtomicBool::new(true),
            built: Mutex::new(false),
            variables: Mutex::default(),
        }
    }
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

    /// Whether the variables exist.
    #[must_use]
    pub fn is_built(&self) -> bool {
        *self.0.built.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Builds the layer if that has not happened yet.
    ///
    /// # Errors
    /// What `build` returns; the layer then counts as not built and has no variables.
    pub fn build_once(&self, class_name: &str, build: impl FnOnce() -> Result<()>) -> Result<()> {
        let mut built = self.0.built.lock().unwrap_or_else(PoisonError::into_inner);
        if *built {
            return Ok(());
        }
        let result = build();
        let mut variables = self
            .0
            .variables
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if result.is_ok() {
            *built = true;
            let name = self.name(class_name);
            for (local, variable) in variables.iter() {
                variable.rename(format!("{name}/{local}"));
            }
        } else {
            variables.clear();
        }
        result
    }

    /// Makes a variable of the layer.
    ///
    /// # Errors
    /// What the initializer returns.
    pub fn add_weight(
        &self,
        name: &str,
        shape: impl Into<Shape>,
        initializer: &dyn Initializer,
        trainable: bool,
    ) -> Result<Variable> {
        let value = initializer.initialize(&shape.into(), DType::F32)?;
        let variable = Variable::from_value(name, value);
        variable.set_trainable(trainable);
        self.track(name, variable.clone());
        Ok(variable)
    }

    /// Makes an existing variable one of the layer's.
    pub fn track(&self, name: &str, variable: Variable) {
        let mut variables = self
            .0
            .variables
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        variables.push((name.to_owned(), variable));
    }

    /// The layer's own variables: Keras's `weights` order, trainable ones first.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let variables = self
            .0
            .variables
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (trainable, other): (Vec<_>, Vec<_>) = variables
            .iter()
            .map(|(_, v)| v.clone())
            .partition(Variable::trainable);
        trainable.into_iter().chain(other).collect()
    }

    /// The layer's own variable of this name, without the layer's name before it.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<Variable> {
        let variables = self
            .0
            .variables
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        variables
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
    }
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
