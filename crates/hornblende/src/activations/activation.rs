// tidy: not an item
//! An activation as layers hold it.

use std::fmt;
use std::sync::Arc;

use hornblende_core::{Result, Tensor};

type Apply = dyn Fn(&Tensor) -> Tensor + Send + Sync;

/// A function between layers, with the name that a configuration writes. Clones are cheap.
///
/// # Example
/// ```
/// use hornblende::{activations::Activation, prelude::*};
/// let half = Activation::new("half", |x: &Tensor| x * 0.5);
/// assert_eq!(half.call(&Tensor::from(3.0f32)).item::<f32>()?, 1.5);
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Clone)]
pub struct Activation {
    name: Arc<str>,
    apply: Arc<Apply>,
}

impl Activation {
    /// An activation of this name.
    #[must_use]
    pub fn new(
        name: impl Into<Arc<str>>,
        apply: impl Fn(&Tensor) -> Tensor + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            apply: Arc::new(apply),
        }
    }

    /// The name, such as `relu`; a function's own name, and `custom` for a closure.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Applies the function.
    #[track_caller]
    #[must_use]
    pub fn call(&self, x: &Tensor) -> Tensor {
        (self.apply)(x)
    }
}

/// No activation.
impl Default for Activation {
    fn default() -> Self {
        Self::new("linear", super::linear)
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Activation({})", self.name)
    }
}

/// What can be given where an activation is asked for: a name, a function, a closure, an [`Activation`].
pub trait IntoActivation {
    /// The activation.
    ///
    /// # Errors
    /// [`hornblende_core::Error::UnknownName`] for a name that nothing has.
    fn into_activation(self) -> Result<Activation>;
}

impl IntoActivation for Activation {
    fn into_activation(self) -> Result<Activation> {
        Ok(self)
    }
}

impl IntoActivation for &Activation {
    fn into_activation(self) -> Result<Activation> {
        Ok(self.clone())
    }
}

impl IntoActivation for &str {
    fn into_activation(self) -> Result<Activation> {
        super::get(self)
    }
}

impl IntoActivation for String {
    fn into_activation(self) -> Result<Activation> {
        super::get(&self)
    }
}

impl<F> IntoActivation for F
where
    F: Fn(&Tensor) -> Tensor + Send + Sync + 'static,
{
    fn into_activation(self) -> Result<Activation> {
        Ok(Activation::new(crate::config::function_name::<F>(), self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations;

    fn name_of(activation: impl IntoActivation) -> String {
        activation.into_activation().unwrap().name().to_owned()
    }

    #[test]
    fn names_functions_and_closures_are_activations() {
        assert_eq!(name_of("swish"), "silu");
        assert_eq!(name_of(activations::relu), "relu");
        assert_eq!(name_of(|x: &Tensor| x * 2.0), "custom");
        assert_eq!(name_of(Activation::default()), "linear");
    }

    #[test]
    fn an_unknown_name_is_told_the_nearest_one() {
        let error = "rellu".into_activation().unwrap_err().to_string();
        assert!(error.contains("Did you mean \"relu\"?"), "{error}");
    }

    #[test]
    fn an_activation_works_on_the_tensors_of_a_functional_model() {
        let shape = [hornblende_core::Shape::UNKNOWN, 3];
        let x = Tensor::symbolic_input("x", shape.into(), hornblende_core::DType::F32);
        for entry in activations::ACTIVATIONS {
            let wide = Tensor::concatenate(&[x.clone(), x.clone()], -1);
            let y = (entry.call)(&wide);
            assert!(y.error().is_none(), "{}: {y:?}", entry.names[0]);
            assert!(y.is_symbolic());
        }
    }
}
