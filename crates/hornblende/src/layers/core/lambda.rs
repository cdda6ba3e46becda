//! A closure as a layer.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use crate::config::Json;
use crate::layers::{Call, Entry, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Lambda",
    aliases: &[],
    arguments: &[&["function", "output_shape", "mask", "arguments"]],
    unsupported: &[],
    from_config: |config| {
        let got = config
            .get("name")
            .and_then(Json::as_str)
            .unwrap_or("without a name");
        let fix = "Code is never loaded from a configuration. Build the model in the program, with \
                   Lambda::new, and load its weights";
        Err(Error::format(
            "Lambda",
            "a layer that a configuration can describe",
            got,
            fix,
        ))
    },
    examples: Vec::new,
};

/// A closure as a layer: arithmetic of tensors without variables.
///
/// The closure sees the inputs and the [`Call`], and gives one result; its shape follows. Gradients pass
/// through it. Masks end here.
///
/// A configuration cannot hold code: `from_config` of a `Lambda` is refused, also where Keras wrote one, and
/// a model that is to be saved and loaded without its program uses a layer type of its own instead.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let antirectifier = Lambda::new(|x: &[Tensor], _: &Call| {
///     let centred = &x[0] - x[0].mean_keepdims(-1);
///     Tensor::concatenate(&[ops::relu(&centred), ops::relu(&-centred)], -1)
/// });
/// # use hornblende::ops;
/// let y = antirectifier.call(&Tensor::from([[1.0f32, 3.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [0.0, 1.0, 1.0, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Lambda {
    base: LayerBase,
    function: Function,
}

type Function = Arc<dyn Fn(&[Tensor], &Call) -> Tensor + Send + Sync>;

impl Lambda {
    /// A layer that applies this function to its inputs.
    #[must_use]
    pub fn new(function: impl Fn(&[Tensor], &Call) -> Tensor + Send + Sync + 'static) -> Self {
        Self {
            base: LayerBase::default(),
            function: Arc::new(function),
        }
    }
}

impl Layer for Lambda {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok((self.function)(inputs, call))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers;
    use crate::prelude::*;

    #[test]
    fn a_configuration_of_a_lambda_is_refused_with_what_to_do_instead() {
        let config = Lambda::new(|x: &[Tensor], _: &Call| x[0].square())
            .name("squares")
            .get_config();
        let error = layers::from_config("Lambda", &config)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("squares") && error.contains("Lambda::new"),
            "{error}"
        );
    }

    #[test]
    fn a_lambda_of_two_inputs_knows_whether_a_model_is_trained() {
        let layer = Lambda::new(|x: &[Tensor], call: &Call| {
            if call.training {
                &x[0] + &x[1]
            } else {
                &x[0] * &x[1]
            }
        });
        let inputs = [Tensor::from([2.0f32]), Tensor::from([5.0f32])];
        let result = |training| {
            layer
                .call_with(&inputs, &Call::new(training))
                .unwrap()
                .remove(0)
        };
        assert_eq!(result(true).item::<f32>().unwrap(), 7.0);
        assert_eq!(result(false).item::<f32>().unwrap(), 10.0);
    }
}
