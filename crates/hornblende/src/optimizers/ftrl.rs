//! Follow the regularized leader.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Ftrl",
    names: &["ftrl"],
    from_config: |config| Ok(Arc::new(Ftrl::from_config(config)?)),
};

optimizer! {
    /// Follow the regularized leader: for wide linear models, of whose weights `l1` makes most exactly 0.
    ///
    /// ```text
    /// n' = n + g^2;  p = -learning_rate_power
    /// z += g + 2 shrinkage w - (n'^p - n^p) / lr  w
    /// w = (clip(z, -l1, l1) - z) / (n'^p / lr + 2 (l2 + beta / (2 lr)))
    /// n = n'
    /// ```
    ///
    /// The weights are functions of `z` and `n` alone: what they begin with is forgotten at the first step.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([0.0f32, 0.0]))?;
    /// let optimizer = Ftrl::new().learning_rate(0.5).initial_accumulator_value(0.0)
    ///     .l1_regularization_strength(1.0);
    /// optimizer.apply_gradients(&[(Tensor::from([2.0f32, 0.5]), w.clone())])?;
    /// assert_eq!(w.read().to_vec::<f32>()?, [-0.25, 0.0]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// McMahan et al. 2013 (Ad click prediction, KDD), as `keras.optimizers.Ftrl`.
    Ftrl("ftrl", learning_rate = 0.001) {
        /// How the learning rate falls with the sum of squares, at most 0; -0.5 by default. 0 is a fixed rate.
        learning_rate_power: f64 = -0.5, f64::MIN..=0.0;

        /// What the sums of squares begin with, at least 0; 0.1 by default.
        initial_accumulator_value: f64 = 0.1, 0.0..=f64::MAX;

        /// `l1`, at least 0; 0 by default.
        l1_regularization_strength: f64 = 0.0, 0.0..=f64::MAX;

        /// `l2`, at least 0; 0 by default.
        l2_regularization_strength: f64 = 0.0, 0.0..=f64::MAX;

        /// `shrinkage`, at least 0: an L2 penalty that is part of the gradient; 0 by default.
        l2_shrinkage_regularization_strength: f64 = 0.0, 0.0..=f64::MAX;

        /// The paper's beta: more `l2` for a smaller learning rate; 0 by default.
        beta: f64 = 0.0, f64::MIN..=f64::MAX;
    }
}

impl Optimizer for Ftrl {
    optimizer_identity!("Ftrl");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![
            Slot::full("accumulator", self.initial_accumulator_value),
            Slot::zeros("linear"),
        ]]
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, rate, w) = (
            &update.gradient,
            &update.learning_rate,
            update.variable.read(),
        );
        let (squares, linear) = (update.slot("accumulator")?, update.slot("linear")?);
        let old = squares.read();
        let new = &old + update.squared_gradient();
        squares.assign(&new)?;
        let root = self.root(&new);
        let shrunk = g + &w * (2.0 * self.l2_shrinkage_regularization_strength);
        let slower = (&root - self.root(&old)) / rate;
        linear.assign(&(linear.read() + (shrunk - slower * &w)))?;
        let z = linear.read();
        let l1 = self.l1_regularization_strength;
        let l2 = self.beta / (2.0 * rate) + self.l2_regularization_strength;
        let quadratic = root / rate + l2 * 2.0;
        update.variable.assign(&((z.clip(-l1, l1) - z) / quadratic))
    }
}

impl Ftrl {
    /// A sum of squares to the power of `-learning_rate_power`.
    fn root(&self, squares: &Tensor) -> Tensor {
        if self.learning_rate_power == -0.5 {
            return squares.sqrt();
        }
        squares.pow(-self.learning_rate_power)
    }
}
