// tidy: not an item
//! What an initializer is.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Tensor, Value};

use crate::config::Config;

/// Gives the first value of a variable.
///
/// A closure `|shape: &Shape| ...` that returns a tensor is an initializer too.
pub trait Initializer: Send + Sync {
    /// A value of this shape and type.
    ///
    /// # Errors
    /// If there is none of this shape.
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value>;

    /// Whether the numbers are drawn one like the other, on a scale that follows from the numbers of inputs and
    /// outputs of a unit.
    fn follows_fans(&self) -> bool {
        false
    }

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "Initializer"
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        Config::new()
    }
}

impl<F> Initializer for F
where
    F: Fn(&Shape) -> Tensor + Send + Sync,
{
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        let value = self(shape).eval()?.convert(dtype);
        if value.shape() == shape {
            return Ok(value);
        }
        Err(Error::shape_mismatch(
            "initializer",
            format!("a tensor of shape {shape}"),
            value.shape().to_string(),
            "",
        ))
    }
}

/// What can be given where an initializer is asked for: a name, a value, a closure.
pub trait IntoInitializer {
    /// The initializer.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that nothing has.
    fn into_initializer(self) -> Result<Arc<dyn Initializer>>;
}

impl IntoInitializer for &str {
    fn into_initializer(self) -> Result<Arc<dyn Initializer>> {
        super::get(self)
    }
}

impl IntoInitializer for String {
    fn into_initializer(self) -> Result<Arc<dyn Initializer>> {
        super::get(&self)
    }
}

impl IntoInitializer for Arc<dyn Initializer> {
    fn into_initializer(self) -> Result<Arc<dyn Initializer>> {
        Ok(self)
    }
}

impl<I: Initializer + 'static> IntoInitializer for I {
    fn into_initializer(self) -> Result<Arc<dyn Initializer>> {
        Ok(Arc::new(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::initializers::GlorotUniform;

    fn first(initializer: impl IntoInitializer) -> Result<Vec<f64>> {
        let initializer = initializer.into_initializer()?;
        Ok(initializer
            .initialize(&Shape::from([2, 2]), DType::F32)?
            .to_f64_vec())
    }

    #[test]
    fn names_values_and_closures_are_initializers() {
        assert_eq!(first("zeros").unwrap(), [0.0; 4]);
        assert_eq!(
            first(GlorotUniform::new().seed(1)).unwrap(),
            first(GlorotUniform::new().seed(1)).unwrap()
        );
        let half = |shape: &Shape| Tensor::full(shape, 0.5, DType::F32);
        assert_eq!(first(half).unwrap(), [0.5; 4]);
    }

    #[test]
    fn a_closure_must_give_the_shape_that_was_asked_for() {
        let error = first(|_: &Shape| Tensor::from(1.0f32))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("expected a tensor of shape (2, 2)"),
            "{error}"
        );
    }
}
