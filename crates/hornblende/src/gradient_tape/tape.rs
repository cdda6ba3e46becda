//! The tape.

use hornblende_core::autodiff::vector_jacobian;
use hornblende_core::{Tensor, scope};
use std::panic::Location;

use super::jacobian::{batch_jacobian, jacobian};
use super::sources::GradientSource;
use super::{GradientSources, Recorded, UnconnectedGradients};

/// `tf.GradientTape`: gradients of what was computed with regard to what it was computed from.
///
/// Tensors know their own past, so a tape may be asked as often as one likes and in any order (Keras's `persistent`),
/// also inside a [`function`](hornblende_core::function()) or a training step. A gradient is a tensor like any other:
/// ask another tape, or the same, for the gradient of a gradient.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Variable::new("x", 3.0f32)?;
/// let tape = GradientTape::new();
/// let y = x.read().pow(3.0);
/// let dy_dx = tape.gradient(&y, &x);
/// let d2y_dx2 = tape.gradient(&dy_dx, &x);
/// assert_eq!(dy_dx.item::<f32>()?, 27.0);
/// assert_eq!(d2y_dx2.item::<f32>()?, 18.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct GradientTape {
    watch_accessed_variables: bool,
    unconnected_gradients: UnconnectedGradients,
    watched: Vec<GradientSource>,
}

impl Default for GradientTape {
    fn default() -> Self {
        Self {
            watch_accessed_variables: true,
            unconnected_gradients: UnconnectedGradients::None,
            watched: Vec::new(),
        }
    }
}

impl GradientTape {
    /// A tape that answers for every variable and every tensor.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the tape answers for what it was not told to [`watch`](GradientTape::watch). Default: true. With
    /// false, all else counts as a constant.
    #[must_use]
    pub fn watch_accessed_variables(mut self, watch: bool) -> Self {
        self.watch_accessed_variables = watch;
        self
    }

    /// What a source gets that the target does not depend on. Default: [`UnconnectedGradients::None`].
    #[must_use]
    pub fn unconnected_gradients(mut self, unconnected: UnconnectedGradients) -> Self {
        self.unconnected_gradients = unconnected;
        self
    }

    /// Makes the tape answer for these. Only needed with
    /// [`watch_accessed_variables(false)`](GradientTape::watch_accessed_variables).
    pub fn watch(&mut self, sources: impl GradientSources) {
        self.watched.extend(sources.sources());
    }

    /// Forgets what was watched.
    pub fn reset(&mut self) {
        self.watched.clear();
    }

    /// The gradient of the sum of `target` with regard to each of `sources`.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let (a, b) = (Tensor::from(2.0f32), Tensor::from(5.0f32));
    /// let tape = GradientTape::new();
    /// let y = &a * &a * &b;
    /// let [da, db] = tape.gradient(&y, [&a, &b]);
    /// assert_eq!((da.item::<f32>()?, db.item::<f32>()?), (20.0, 4.0));
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn gradient<S: GradientSources>(&self, target: &Tensor, sources: S) -> S::Gradients {
        let seed = Tensor::ones(target.shape().clone(), target.dtype());
        self.gradient_of(std::slice::from_ref(target), &[seed], sources)
    }

    /// The gradient of the sum of several targets, each times its `output_gradients`.
    #[track_caller]
    #[must_use]
    pub fn gradient_of<S: GradientSources>(
        &self,
        targets: &[Tensor],
        output_gradients: &[Tensor],
        sources: S,
    ) -> S::Gradients {
        let location = scope::location(Location::caller());
        scope::at(location, || {
            let found = self.pull(&sources.sources(), |tensors| {
                vector_jacobian(targets, output_gradients, tensors)
            });
            sources.gradients(found)
        })
    }

    /// The derivative of each element of `target` with regard to each element of each source, of the target's shape
    /// followed by the source's.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let x = Tensor::from([1.0f32, 2.0]);
    /// let jacobian = GradientTape::new().jacobian(&x.square(), &x);
    /// assert_eq!(jacobian.to_vec::<f32>()?, [2.0, 0.0, 0.0, 4.0]);
    /// # Ok::<(), Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn jacobian<S: GradientSources>(&self, target: &Tensor, sources: S) -> S::Gradients {
        let location = scope::location(Location::caller());
        scope::at(location, || {
            let found = self.pull(&sources.sources(), |tensors| jacobian(target, tensors));
            sources.gradients(found)
        })
    }

    /// The Jacobian of each row by itself: of shape `[batch, target's other axes, source's other axes]`. Each row of
    /// the target may depend on the same row of the source only.
    ///
    /// A target and a source of different numbers of rows give a tensor that carries the error.
    #[track_caller]
    #[must_use]
    pub fn batch_jacobian(&self, target: &Tensor, source: &Tensor) -> Tensor {
        let location = scope::location(Location::caller());
        scope::at(location, || {
            let named = [GradientSource::from(source)];
            let found = self.pull(&named, |_| vec![batch_jacobian(target, source)]);
            named[0].or_unconnected(found.into_iter().next().flatten())
        })
    }

    /// Runs code whose results are constants for every gradient.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let x = Tensor::from(3.0f32);
    /// let tape = GradientTape::new();
    /// let factor = tape.stop_recording(|| x.square());
    /// let dy_dx = tape.gradient(&(&x * &factor), &x);
    /// assert_eq!(dy_dx.item::<f32>()?, 9.0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn stop_recording<R: Recorded>(&self, work: impl FnOnce() -> R) -> R {
        work().stop_gradient()
    }

    /// Asks for the gradients of those sources that the tape answers for.
    fn pull(
        &self,
        sources: &[GradientSource],
        gradients: impl FnOnce(&[Tensor]) -> Vec<Option<Tensor>>,
    ) -> Vec<Option<Tensor>> {
        let tensors: Vec<Tensor> = sources.iter().map(GradientSource::tensor).collect();
        let mut found = gradients(&tensors);
        for ((found, source), tensor) in found.iter_mut().zip(sources).zip(&tensors) {
            if !self.answers_for(source) {
                *found = None;
            }
            if found.is_none() && self.unconnected_gradients == UnconnectedGradients::Zero {
                *found = Some(Tensor::zeros(tensor.shape().clone(), tensor.dtype()));
            }
        }
        found
    }

    fn answers_for(&self, source: &GradientSource) -> bool {
        self.watch_accessed_variables || self.watched.iter().any(|watched| watched.is_same(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hornblende_core::{Variable, function};

    fn numbers(tensor: &Tensor) -> Vec<f32> {
        tensor.to_vec::<f32>().unwrap()
    }

    #[test]
    fn what_does_not_depend_is_none_in_a_list_and_an_error_alone_and_zeros_if_asked_for() {
        let (x, z) = (
            Variable::new("x", 2.0f32).unwrap(),
            Variable::new("z", Tensor::from([1.0f32; 2])).unwrap(),
        );
        let y = x.read().square();
        let tape = GradientTape::new();
        let list = tape.gradient(&y, &[x.clone(), z.clone()]);
        assert!(list[0].is_some() && list[1].is_none());
        let line = line!() + 1;
        let alone = tape.gradient(&y, &z);
        let error = alone.eval().unwrap_err().to_string();
        assert!(error.contains("depends on variable \"z\""), "{error}");
        assert!(error.contains(&format!("tape.rs:{line}")), "{error}");
        let tape = tape.unconnected_gradients(UnconnectedGradients::Zero);
        assert_eq!(numbers(&tape.gradient(&y, &z)), [0.0, 0.0]);
    }

    #[test]
    fn a_tape_that_watches_nothing_by_itself_answers_only_for_what_it_is_told() {
        let (x, z) = (
            Variable::new("x", 2.0f32).unwrap(),
            Variable::new("z", 3.0f32).unwrap(),
        );
        let mut tape = GradientTape::new().watch_accessed_variables(false);
        tape.watch(&z);
        let y = x.read() * z.read();
        let found = tape.gradient(&y, &[x.clone(), z.clone()]);
        assert!(found[0].is_none());
        assert_eq!(numbers(found[1].as_ref().unwrap()), [2.0]);
        tape.reset();
        assert!(tape.gradient(&y, &[z])[0].is_none());
    }

    #[test]
    fn nested_tapes_give_higher_orders_also_in_a_function() {
        let x = Variable::new("x", 2.0f32).unwrap();
        let third = |x: &Variable| {
            let outermost = GradientTape::new();
            let outer = GradientTape::new();
            let inner = GradientTape::new();
            let y = x.read().pow(4.0);
            let first = inner.gradient(&y, x);
            let second = outer.gradient(&first, x);
            outermost.gradient(&second, x)
        };
        assert_eq!(numbers(&third(&x)), [48.0]);
        let traced = function(move |_| Ok(vec![third(&x)]));
        assert_eq!(numbers(&traced.call(&[]).unwrap()[0]), [48.0]);
    }

    #[test]
    fn a_jacobian_has_a_row_for_each_element_of_the_target() {
        let w = Variable::new("w", Tensor::from([[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]])).unwrap();
        let x = Tensor::from([[1.0f32, -1.0]]);
        let y = x.matmul(&w.read());
        let tape = GradientTape::new();
        let [dx] = tape.jacobian(&y, [&x]);
        assert_eq!(dx.shape().dims(), [1, 3, 1, 2]);
        assert_eq!(numbers(&dx), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
        let dw = tape.jacobian(&y, &w);
        assert_eq!(dw.shape().dims(), [1, 3, 2, 3]);
        // d y_k / d w_ij = x_i if j = k.
        let row = |k: usize| {
            (0..6).map(move |ij| {
                if ij % 3 == k {
                    [1.0, -1.0][ij / 3]
                } else {
                    0.0
                }
            })
        };
        let wanted: Vec<f32> = (0..3).flat_map(row).collect();
        assert_eq!(numbers(&dw), wanted);
        assert!(tape.jacobian(&y, &[Tensor::from(1.0f32)])[0].is_none());
    }

    #[test]
    fn the_jacobian_of_a_gradient_is_the_hessian() {
        let x = Tensor::from([1.0f32, 2.0]);
        let tape = GradientTape::new();
        let y = x.pow(3.0).sum(..) + x.slice(0..1).sum(..) * x.slice(1..2).sum(..);
        let hessian = tape.jacobian(&tape.gradient(&y, &x), &x);
        assert_eq!(numbers(&hessian), [6.0, 1.0, 1.0, 12.0]);
    }

    #[test]
    fn a_batch_jacobian_is_the_diagonal_of_the_jacobian() {
        let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
        let w = Tensor::from([[1.0f32, 0.5, 2.0], [0.0, 1.0, -1.0]]);
        let y = x.square().matmul(&w).tanh();
        let tape = GradientTape::new();
        let batch = tape.batch_jacobian(&y, &x);
        assert_eq!(batch.shape().dims(), [3, 3, 2]);
        let full = numbers(&tape.jacobian(&y, &x));
        let diagonal: Vec<f32> = (0..3)
            .flat_map(|b| {
                (0..3).flat_map(move |t| (0..2).map(move |s| ((b * 3 + t) * 3 + b) * 2 + s))
            })
            .map(|at| full[at])
            .collect();
        assert_eq!(numbers(&batch), diagonal);
        let error = tape.batch_jacobian(&y, &w).eval().unwrap_err().to_string();
        assert!(error.contains("as many rows"), "{error}");
    }
}
