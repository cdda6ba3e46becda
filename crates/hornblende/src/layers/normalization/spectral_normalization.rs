//! Kernels of spectral norm 1.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor, Variable};

use crate::config::{Config, class_object, class_of};
use crate::initializers::TruncatedNormal;
use crate::layers::recurrent::build_inner;
use crate::layers::{self, Call, CallLayer, Entry, Example, Layer, LayerBase, call_layer};
use crate::ops;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "SpectralNormalization",
    aliases: &[],
    arguments: &[&["layer", "power_iterations"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(SpectralNormalization::from_config(config)?)),
    examples: || {
        let dense = Config::new().with("units", 3);
        let config = Config::new().with("layer", class_object("keras.layers", "Dense", dense));
        vec![
            Example::new(config.clone(), [[2, 4]]),
            Example::new(config.with("power_iterations", 2), [[2, 4]]),
        ]
    },
};

/// Divides the kernel of a layer by its spectral norm, its largest singular value, at each training step.
///
/// The norm is found by power iterations from the vector of the step before: with the kernel as a matrix `W` of
/// one column a unit, `v = u Wᵀ / |u Wᵀ|`, `u = v W / |v W|`, then `W / (v W uᵀ)` replaces the kernel. No gradient
/// flows through the division: the kernel's gradient is that of the divided kernel.
///
/// # Arguments
/// `layer`: one with a weight `kernel` or `embeddings`. Method: `power_iterations` (above 0; default 1).
///
/// # Shapes
/// Those of the layer. Weights: the kernel, `vector_u` of `[1, units]`, then the layer's others.
///
/// # At the edges
/// A kernel of zeros stays as it is. Out of training nothing is divided or changed.
///
/// # Errors
/// `InvalidArgument` for a layer without such a weight, or no iterations.
///
/// # Source
/// Miyato et al. 2018, arXiv:1802.05957; `keras.layers.SpectralNormalization` on TensorFlow.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let dense = Dense::new(2).kernel_initializer(|_: &Shape| Tensor::from([[4.0f32, 0.0], [0.0, 4.0]]));
/// let layer = SpectralNormalization::new(dense);
/// let y = layer.call_with(&Tensor::from([[1.0f32, 2.0]]), &Call::new(true))?;
/// for (y, wanted) in y[0].to_vec::<f32>()?.iter().zip([1.0, 2.0]) {
///     assert!((y - wanted).abs() < 1e-6);
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct SpectralNormalization {
    base: LayerBase,
    layer: Arc<dyn Layer>,
    power_iterations: usize,
}

impl SpectralNormalization {
    /// The layer with its kernel divided, by one power iteration a step.
    #[must_use]
    pub fn new(layer: impl CallLayer) -> Self {
        Self {
            base: LayerBase::default(),
            layer: layer.handle(),
            power_iterations: 1,
        }
    }

    /// The number of power iterations a training step, above 0. Default: 1.
    #[must_use]
    pub fn power_iterations(mut self, power_iterations: usize) -> Self {
        self.power_iterations = power_iterations;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let Some(layer) = config.get("layer") else {
            let expected = "the argument \"layer\"";
            return Err(Error::format("SpectralNormalization", expected, "none", ""));
        };
        let (class_name, arguments) = class_of("layer", layer)?;
        let layer = Self::new(layers::from_config(&class_name, &arguments)?);
        let iterations = config
            .size("power_iterations")?
            .unwrap_or(layer.power_iterations);
        Ok(layer.power_iterations(iterations))
    }

    /// The weight that is divided.
    fn kernel(&self) -> Result<Variable> {
        let base = self.layer.base();
        base.variable("kernel")
            .or_else(|| base.variable("embeddings"))
            .ok_or_else(|| {
                Error::invalid_argument(
                    "SpectralNormalization: layer",
                    "a layer with a weight \"kernel\" or \"embeddings\"",
                    self.layer.class_name(),
                    "",
                )
            })
    }

    /// Replaces the kernel by the divided one, and the vector by the one that was found.
    fn divide(&self) -> Result<()> {
        let (kernel, vector) = (self.kernel()?, self.base.built_variable("vector_u")?);
        let w = kernel.read();
        let units = vector.shape()[1] as isize;
        let matrix = w.reshape([-1, units]).stop_gradient();
        let mut u = vector.read();
        let mut v = u.clone();
        for _ in 0..self.power_iterations {
            v = ops::normalize(&u.matmul(&matrix.swap_axes(0, 1)), -1);
            u = ops::normalize(&v.matmul(&matrix), -1);
        }
        let norm = v
            .matmul(&matrix)
            .matmul(&u.swap_axes(0, 1))
            .reshape_to(Shape::scalar());
        let is_zero = matrix.equal(0.0).all(..);
        let norm = is_zero.select(1.0, norm);
        // The gradient passes the division by: it is taken at the divided kernel and moves that one.
        let divided = &w + (matrix.reshape_to(w.shape()) / norm - &w).stop_gradient();
        vector.assign(&is_zero.select(vector.read(), u))?;
        kernel.assign(&divided)
    }
}

impl Layer for SpectralNormalization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        if self.power_iterations == 0 {
            let subject = "SpectralNormalization: power_iterations";
            return Err(Error::invalid_argument(
                subject,
                "a number above 0",
                "0",
                "",
            ));
        }
        build_inner(&self.base, ENTRY.class_name, &*self.layer, &inputs[0])?;
        let shape = self.kernel()?.shape().clone();
        let units = shape.dims().last().copied().unwrap_or(1);
        let normal = TruncatedNormal::new().stddev(0.02);
        self.base
            .add_weight("vector_u", [1, units], &normal, false)?;
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        if call.training {
            self.divide()?;
        }
        let mut outputs = call_layer(&self.layer, inputs, &call.inner())?;
        match outputs.len() {
            1 if inputs[0].dtype().is_float() => Ok(outputs.remove(0).cast(inputs[0].dtype())),
            1 => Ok(outputs.remove(0)),
            n => Err(Error::invalid_argument(
                "SpectralNormalization: layer",
                "a layer of one result",
                n.to_string(),
                "",
            )),
        }
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        vec![Arc::clone(&self.layer)]
    }

    fn weights(&self) -> Vec<Variable> {
        let mut weights: Vec<Variable> = self.kernel().into_iter().collect();
        weights.extend(self.base.weights());
        crate::layers::weights::push_new(&mut weights, self.layer.weights());
        weights
    }

    fn get_config(&self) -> Config {
        let layer = class_object(
            "keras.layers",
            self.layer.class_name(),
            self.layer.get_config(),
        );
        self.base
            .get_config(self.class_name())
            .with("layer", layer)
            .with("power_iterations", self.power_iterations)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn iterations_find_the_largest_singular_value() {
        let kernel = |_: &Shape| Tensor::from([[3.0f32, 0.0], [4.0, 5.0]]);
        let dense = Dense::new(2).kernel_initializer(kernel).use_bias(false);
        let layer = SpectralNormalization::new(dense).power_iterations(30);
        let y = layer
            .call_with(Tensor::from([[0.0f32, 5.0]]), &Call::new(true))
            .unwrap();
        // The singular values of the kernel are the roots of 45 and of 5; thirty iterations leave (1/9)^30.
        let wanted = [20.0 / 45.0f32.sqrt(), 25.0 / 45.0f32.sqrt()];
        for (got, wanted) in y[0].to_vec::<f32>().unwrap().iter().zip(wanted) {
            assert!((got - wanted).abs() < 1e-5, "{got} {wanted}");
        }
    }

    #[test]
    fn a_kernel_of_zeros_stays_and_inference_changes_nothing() {
        let x = Tensor::from([[1.0f32, 2.0]]);
        let zeros = SpectralNormalization::new(Dense::new(2).kernel_initializer("zeros"));
        let y = zeros.call_with(&x, &Call::new(true)).unwrap();
        assert_eq!(y[0].to_vec::<f32>().unwrap(), [0.0, 0.0]);
        let threes = SpectralNormalization::new(
            Dense::new(2).kernel_initializer(|s: &Shape| Tensor::full(s, 3.0, DType::F32)),
        );
        assert_eq!(
            threes.call(&x).unwrap().to_vec::<f32>().unwrap(),
            [9.0, 9.0]
        );
    }

    #[test]
    fn a_layer_without_a_kernel_is_told() {
        let x = Tensor::from([[1.0f32, 2.0]]);
        let error = SpectralNormalization::new(ReLU::new())
            .call(&x)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("\"kernel\" or \"embeddings\"; got ReLU"),
            "{error}"
        );
    }
}
