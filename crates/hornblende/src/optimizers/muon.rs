//! Muon.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::adam_update::AdamUpdate;
use super::arguments::{Optional, Texts, optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update, patterns};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Muon",
    names: &["muon"],
    from_config: |config| Ok(Arc::new(Muon::from_config(config)?)),
};

optimizer! {
    /// Muon: the momentum of a matrix is made nearly orthogonal before it is subtracted. Other variables follow AdamW.
    ///
    /// ```text
    /// m = momentum m + g;  n = g + momentum m          n = m without nesterov
    /// x = n / |n|;  ns_steps times: s = x x';  x = muon_a x + (muon_b s + muon_c s s) x
    /// w -= lr rms_rate sqrt(max(rows, columns)) x      w -= lr x if rms_rate is null
    /// ```
    ///
    /// Matrices are the variables with two axes. Those whose path holds `embedding` (unless `exclude_embeddings` is
    /// false) or matches one of `exclude_layers`, and variables with another number of axes, are updated by Adam with
    /// the learning rate times `adam_lr_ratio`. `weight_decay` is that of the matrices, `adam_weight_decay` the others'.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([[1.0f32, 0.0], [0.0, 1.0]]))?;
    /// let optimizer = Muon::new().learning_rate(0.5).weight_decay(0.0).rms_rate(None).ns_steps(0);
    /// optimizer.apply_gradients(&[(Tensor::from([[3.0f32, 0.0], [0.0, 4.0]]), w.clone())])?;
    /// assert!((w.read().to_vec::<f32>()?[0] - 0.7).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Jordan et al. 2024 (kellerjordan.github.io/posts/muon); Liu et al. 2025 (arXiv:2502.16982) for `rms_rate`. As
    /// `keras.optimizers.Muon`; the patterns of `exclude_layers` are regular expressions.
    Muon("muon", learning_rate = 0.001, weight_decay = 0.004) {
        /// As [`Adam`](super::Adam)'s `beta_1`, for what is no matrix; 0.9 by default.
        adam_beta_1: f64 = 0.9, 0.0..=1.0;

        /// As [`Adam`](super::Adam)'s `beta_2`, for what is no matrix; 0.999 by default.
        adam_beta_2: f64 = 0.999, 0.0..=1.0;

        /// As [`Adam`](super::Adam)'s `epsilon`, for what is no matrix; 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;

        /// Regular expressions; a matrix in whose path one is found follows Adam. None by default.
        exclude_layers: Texts = Texts::new();

        /// The first coefficient; 3.4445 by default.
        muon_a: f64 = 3.4445, f64::MIN..=f64::MAX;

        /// The second coefficient; -4.775 by default.
        muon_b: f64 = -4.775, f64::MIN..=f64::MAX;

        /// The third coefficient; 2.0315 by default.
        muon_c: f64 = 2.0315, f64::MIN..=f64::MAX;

        /// The learning rate of what is no matrix, as a multiple of that of matrices; 1 by default.
        adam_lr_ratio: f64 = 1.0, 0.0..=f64::MAX;

        /// The share of the old momentum in the new one, from 0 to 1; 0.95 by default.
        momentum: f64 = 0.95, 0.0..=1.0;

        /// How often the polynomial is applied; 5 by default.
        ns_steps: usize = 5;

        /// Whether to look ahead along the momentum; true by default.
        nesterov: bool = true;

        /// Whether embeddings follow Adam; true by default.
        exclude_embeddings: bool = true;

        /// The weight decay of what is no matrix, or nothing; 0.004 by default.
        adam_weight_decay: Optional = Some(0.004), 0.0..=f64::MAX;

        /// Scales steps to about this root mean square, so that Adam's learning rates fit; 0.2 by default.
        rms_rate: Optional = Some(0.2), 0.0..=f64::MAX;
    }
}

impl Optimizer for Muon {
    optimizer_identity!("Muon", check);

    fn check(&self) -> Result<()> {
        self.check_arguments()?;
        let subject = format!("{}: exclude_layers", self.base.name);
        patterns::check(&subject, &self.exclude_layers)
    }

    fn slots(&self, variable: &Variable) -> Vec<Vec<Slot>> {
        let mut slots = vec![Slot::zeros("momentum")];
        if self.follows_adam(variable) {
            slots.push(Slot::zeros("velocity"));
        }
        vec![slots]
    }

    fn weight_decay_of(&self, variable: &Variable) -> Option<f64> {
        if self.follows_adam(variable) {
            return self.adam_weight_decay;
        }
        self.base.weight_decay
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        if update.has_slot("velocity") {
            let adam = AdamUpdate {
                beta_1: self.adam_beta_1,
                beta_2: self.adam_beta_2,
                epsilon: self.epsilon,
                amsgrad: false,
            };
            return adam.apply(update, &(&update.learning_rate * self.adam_lr_ratio));
        }
        let (g, slot) = (&update.gradient, update.slot("momentum")?);
        let old = slot.read();
        slot.assign(&(&old + (g + &old * (self.momentum - 1.0))))?;
        let momentum = slot.read();
        let direction = match self.nesterov {
            true => g + momentum * self.momentum,
            false => momentum,
        };
        let mut step = &update.learning_rate * self.orthogonal(&direction);
        if let Some(rate) = self.rms_rate {
            let longest = g.shape().dims().iter().max().copied().unwrap_or(1);
            step = step * (longest as f64).sqrt() * rate;
        }
        update.subtract(&step)
    }
}

impl Muon {
    fn follows_adam(&self, variable: &Variable) -> bool {
        let path = variable.name();
        variable.shape().rank() != 2
            || (self.exclude_embeddings && path.to_lowercase().contains("embedding"))
            || patterns::found_in(&self.exclude_layers, &path)
    }

    /// The matrix with its singular values moved near to 1, by a polynomial of it (Newton-Schulz).
    fn orthogonal(&self, matrix: &Tensor) -> Tensor {
        let shape = matrix.shape();
        let is_tall = shape[0] > shape[1];
        let turned = |x: &Tensor| match is_tall {
            true => x.transpose([1, 0]),
            false => x.clone(),
        };
        let norm = matrix.square().sum(..).sqrt();
        // No singular value is above the norm of all.
        let mut x = turned(matrix) / (norm + 1e-7);
        for _ in 0..self.ns_steps {
            let square = x.matmul(&x.transpose([1, 0]));
            let fourth = (&square * self.muon_c).matmul(&square);
            x = &x * self.muon_a + (&square * self.muon_b + fourth).matmul(&x);
        }
        turned(&x)
    }
}
