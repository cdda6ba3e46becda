//! Numerical gradient checks, for the tests of this workspace and of whoever writes own layers and losses.

use crate::autodiff::vector_jacobian;
use crate::dtype::DType;
use crate::error::Error;
use crate::tensor::Tensor;
use crate::value::Value;

/// The step of the central difference. Its error is about `STEP^2` from curvature and
/// `2^-53 / STEP` from rounding: 1e-10 and 1e-11 of the values involved.
const STEP: f64 = 1e-5;

/// Compares the gradients of `f` with central differences in `F64`, contracted with a fixed cotangent
/// that differs from element to element.
///
/// `inputs` must lie away from kinks by more than the step, 1e-5. Inputs of whole numbers are held fixed.
///
/// # Errors
/// A message that names the first element whose gradient differs by more than `tolerance` (relative to
/// the size of the gradient, at least 1).
///
/// # Example
/// ```
/// use hornblende_core::{Value, testing::check_gradient};
/// let x = Value::from_vec([2], vec![0.5f64, -1.5])?;
/// check_gradient("sin", &[x], 1e-7, |x| x[0].sin())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check_gradient(
    name: &str,
    inputs: &[Value],
    tolerance: f64,
    f: impl Fn(&[Tensor]) -> Tensor,
) -> Result<(), String> {
    let fail = |error: Error| format!("{name}: {error}");
    let sources: Vec<Tensor> = inputs.iter().cloned().map(Tensor::from).collect();
    let target = f(&sources);
    target.check().map_err(fail)?;
    let cotangent = cotangent_like(&target);
    let floats: Vec<usize> = (0..inputs.len())
        .filter(|k| inputs[*k].dtype().is_float())
        .collect();
    let wanted: Vec<Tensor> = floats.iter().map(|k| sources[*k].clone()).collect();
    let found = vector_jacobian(&[target], std::slice::from_ref(&cotangent), &wanted);
    for (found, k) in found.into_iter().zip(floats) {
        let analytic = match found {
            Some(gradient) => gradient.to_vec::<f64>().map_err(fail)?,
            None => vec![0.0; inputs[k].len()],
        };
        for (element, got) in analytic.into_iter().enumerate() {
            let along = |step: f64| -> Result<f64, String> {
                let mut moved = inputs.to_vec();
                let x = moved[k].get_f64(element) + step;
                moved[k].make_mut().set_f64(element, x);
                let tensors: Vec<Tensor> = moved.into_iter().map(Tensor::from).collect();
                (f(&tensors) * &cotangent)
                    .sum(..)
                    .item::<f64>()
                    .map_err(fail)
            };
            let numeric = (along(STEP)? - along(-STEP)?) / (2.0 * STEP);
            // NaN must fail, so the comparison asks for what is right.
            let close = (got - numeric).abs() <= tolerance * numeric.abs().max(1.0);
            if !close {
                return Err(format!(
                    "{name}: gradient of element {element} of input {k}: expected {numeric:e} by \
                     central differences; got {got:e}"
                ));
            }
        }
    }
    Ok(())
}

/// Numbers between 0.5 and 1.5 that differ from element to element, so that errors do not cancel.
fn cotangent_like(target: &Tensor) -> Tensor {
    let n = target.shape().len();
    let numbers = (0..n)
        .map(|k| 0.5 + ((k as f64 + 1.0) * 0.618_033_988_749_894_9).fract())
        .collect();
    Tensor::from_vec(target.shape(), numbers).cast(DType::F64)
}
