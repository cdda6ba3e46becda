//! Adam for tables of which a step touches few rows.

use std::sync::Arc;

use hornblende_core::{Result, Variable};

use super::adam_update::AdamUpdate;
use super::arguments::{optimizer, optimizer_identity};
use super::step::only_if;
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "LazyAdam",
    names: &["lazyadam", "lazy_adam"],
    from_config: |config| Ok(Arc::new(LazyAdam::from_config(config)?)),
};

optimizer! {
    /// [`Adam`](super::Adam) for tables of which a step touches few rows, such as embeddings: a row whose gradient is
    /// all zero stays as it is, and so do its moments, whereas Adam would go on moving it by what they remember.
    ///
    /// Rows are along the first axis. A variable with fewer than two axes is updated as by Adam. Weight decay too
    /// leaves a row without gradient alone.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let table = Variable::new("table", Tensor::from([[1.0f32, 1.0], [2.0, 2.0]]))?;
    /// let optimizer = LazyAdam::new().learning_rate(0.25);
    /// for row in [[[8.0f32, 8.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]] {
    ///     optimizer.apply_gradients(&[(Tensor::from(row), table.clone())])?;
    /// }
    /// let values = table.read().to_vec::<f32>()?;
    /// assert!((values[0] - 0.75).abs() < 1e-5);
    /// assert_eq!(values[2..], [2.0, 2.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Kingma and Ba 2014 (arXiv:1412.6980); `LazyAdam` of TensorFlow Addons, which takes the rows from a sparse
    /// gradient. Gradients are dense here, so a row that was used and has a gradient of exactly 0 counts as unused,
    /// and so does a row of a dense layer's kernel whose inputs are all 0.
    LazyAdam("lazy_adam", learning_rate = 0.001) {
        /// The share of the old mean gradient in the new one, from 0 to 1; 0.9 by default.
        beta_1: f64 = 0.9, 0.0..=1.0;

        /// The share of the old mean square in the new one, from 0 to 1; 0.999 by default.
        beta_2: f64 = 0.999, 0.0..=1.0;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;

        /// Whether to divide by the largest mean square so far (arXiv:1904.09237); false by default.
        amsgrad: bool = false;
    }
}

impl Optimizer for LazyAdam {
    optimizer_identity!("LazyAdam");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        self.update().slots()
    }

    fn weight_decay_of(&self, _variable: &Variable) -> Option<f64> {
        None
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let work = || {
            let decay = self.base.weight_decay;
            if let Some(decay) = decay.filter(|_| self.base.decays(&update.variable)) {
                update.subtract(&(update.variable.read() * decay * &update.learning_rate))?;
            }
            self.update().apply(update, &update.learning_rate)
        };
        let rank = update.gradient.rank();
        if rank < 2 {
            return work();
        }
        // NaN differs from 0, so that a row of it is touched.
        let others: Vec<usize> = (1..rank).collect();
        let mut rows = update.gradient.not_equal(0.0).any(others);
        for axis in 1..rank {
            rows = rows.expand_dims(axis as isize);
        }
        only_if(&rows, &update.variables(), work)
    }
}

impl LazyAdam {
    fn update(&self) -> AdamUpdate {
        AdamUpdate {
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            epsilon: self.epsilon,
            amsgrad: self.amsgrad,
        }
    }
}
