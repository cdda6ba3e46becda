//! Adafactor.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Tensor, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Adafactor",
    names: &["adafactor"],
    from_config: |config| Ok(Arc::new(Adafactor::from_config(config)?)),
};

optimizer! {
    /// Adafactor: for a matrix keeps the mean squares of its rows and of its columns only, and not of each element.
    ///
    /// ```text
    /// b = 1 - t^beta_2_decay,  t = 1, 2, ..
    /// r = b r + (1 - b) mean(g^2 + epsilon_1, columns);  c = b c + (1 - b) mean(g^2 + epsilon_1, rows)
    /// v = r c / mean(r)                         v = b v + (1 - b) (g^2 + epsilon_1) with fewer than two axes
    /// u = g / sqrt(v);  u = u / max(1, rms(u) / clip_threshold)
    /// w -= max(epsilon_2, rms(w)) min(lr, 1 / sqrt(t))  u
    /// ```
    ///
    /// Rows and columns are the last two axes. `v` is a slot although it need not be remembered, as in Keras, so that
    /// its files fit.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([[2.0f32, 2.0], [2.0, 2.0]]))?;
    /// let optimizer = Adafactor::new().learning_rate(0.25);
    /// optimizer.apply_gradients(&[(Tensor::from([[8.0f32, 8.0], [8.0, 8.0]]), w.clone())])?;
    /// assert!((w.read().max(..).item::<f32>()? - 1.5).abs() < 1e-5);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Shazeer and Stern 2018 (arXiv:1804.04235), as `keras.optimizers.Adafactor`, in which `relative_step` makes no
    /// difference: the rate is limited to `1 / sqrt(t)` either way.
    Adafactor("adafactor", learning_rate = 0.001) {
        /// How fast the means become long-lived, at most 0; -0.8 by default.
        beta_2_decay: f64 = -0.8, f64::MIN..=0.0;

        /// Added to the squares, at least 0; 1e-30 by default.
        epsilon_1: f64 = 1e-30, 0.0..=f64::MAX;

        /// The least scale of a variable, at least 0; 0.001 by default.
        epsilon_2: f64 = 1e-3, 0.0..=f64::MAX;

        /// The largest root mean square of a step before it is scaled, above 0; 1 by default.
        clip_threshold: f64 = 1.0, f64::MIN_POSITIVE..=f64::MAX;

        /// Kept for configurations; true by default.
        relative_step: bool = true;
    }
}

impl Optimizer for Adafactor {
    optimizer_identity!("Adafactor");

    fn slots(&self, variable: &Variable) -> Vec<Vec<Slot>> {
        let path = variable.name();
        let name = path.rsplit('/').next().unwrap_or_default();
        let (rows, columns) = (Slot::zeros("r"), Slot::zeros("c"));
        // The names are Keras's, and so is the type of those that are not used.
        let unused = |slot: Slot| {
            let slot = slot.shape(Shape::scalar()).dtype(DType::I32);
            slot.path(name)
        };
        let (rows, columns) = match variable.shape().dims() {
            [before @ .., row, column] => {
                let path = format!("{}/{name}", self.base.name);
                (
                    rows.path(path.as_str()).shape([before, &[*row]].concat()),
                    columns.path(path).shape([before, &[*column]].concat()),
                )
            }
            _ => (unused(rows), unused(columns)),
        };
        vec![vec![rows, columns, Slot::zeros("velocity")]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, step) = (&update.gradient, update.step());
        let rms = |x: &Tensor| x.square().mean(..).sqrt();
        let rate = update.learning_rate.minimum(1.0 / step.sqrt());
        let scale = rms(&update.variable.read()).maximum(self.epsilon_2) * rate;
        let velocity = update.slot("velocity")?;
        velocity.assign(&self.mean_squares(update)?)?;
        let direction = g / velocity.read().sqrt();
        let clip = (rms(&direction) / self.clip_threshold).maximum(1.0);
        update.subtract(&(scale * (direction / clip)))
    }
}

impl Adafactor {
    /// Moves the means and gives those of the elements.
    fn mean_squares(&self, update: &Update) -> Result<Tensor> {
        let squares = update.squared_gradient() + self.epsilon_1;
        let step = update.step();
        let old = 1.0 - step.pow(self.beta_2_decay);
        let new = 1.0 - &old;
        if update.variable.shape().rank() < 2 {
            let velocity = update.slot("velocity")?;
            return Ok(velocity.read() * old + squares * new);
        }
        let (rows, columns) = (update.slot("r")?, update.slot("c")?);
        rows.assign(&(rows.read() * &old + squares.mean(-1) * &new))?;
        columns.assign(&(columns.read() * old + squares.mean(-2) * new))?;
        let rows = rows.read();
        let shares = &rows / rows.mean_keepdims(-1);
        Ok(shares.expand_dims(-1) * columns.read().expand_dims(-2))
    }
}
