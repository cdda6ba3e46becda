//! Nadam.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Tensor, Value, Variable};

use super::arguments::{optimizer, optimizer_identity};
use super::{Entry, Optimizer, Slot, Update};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Nadam",
    names: &["nadam"],
    from_config: |config| Ok(Arc::new(Nadam::from_config(config)?)),
};

optimizer! {
    /// Nadam: Adam with Nesterov momentum, which grows from step to step.
    ///
    /// ```text
    /// u_t = beta_1 (1 - 0.5 0.96^t),  p = u_1 u_2 .. u_t,  t = 1, 2, ..
    /// m += (g - m) (1 - beta_1);  v += (g^2 - v) (1 - beta_2)
    /// n = u_{t+1} m / (1 - p u_{t+1}) + (1 - u_t) g / (1 - p)
    /// w -= lr n / (sqrt(v / (1 - beta_2^t)) + epsilon)
    /// ```
    ///
    /// The product `p` is one variable of the optimizer, its last.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let w = Variable::new("w", Tensor::from([1.0f32]))?;
    /// let optimizer = Nadam::new().learning_rate(0.5).beta_1(0.0);
    /// optimizer.apply_gradients(&[(Tensor::from([8.0f32]), w.clone())])?;
    /// assert!((w.read().item::<f32>()? - 0.5).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// Dozat 2016 (ICLR workshop), as `keras.optimizers.Nadam`.
    Nadam("nadam", learning_rate = 0.001) {
        /// The share of the old mean gradient in the new one, from 0 to 1; 0.9 by default.
        beta_1: f64 = 0.9, 0.0..=1.0;

        /// The share of the old mean square in the new one, from 0 to 1; 0.999 by default.
        beta_2: f64 = 0.999, 0.0..=1.0;

        /// Keeps the division finite; at least 0, 1e-7 by default.
        epsilon: f64 = 1e-7, 0.0..=f64::MAX;
    }
}

impl Optimizer for Nadam {
    optimizer_identity!("Nadam");

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum"), Slot::zeros("velocity")]]
    }

    fn shared_variables(&self, dtype: DType) -> Vec<Variable> {
        // The name is Keras's.
        let product = Variable::from_value("variable", Value::full(Shape::scalar(), dtype, 1.0));
        product.set_trainable(false);
        vec![product]
    }

    fn begin_update(&self, iterations: &Tensor, shared: &[Variable]) -> Result<()> {
        for product in shared {
            let step = (iterations + 1).cast(product.dtype());
            product.assign(&(product.read() * self.momentum_at(&step)))?;
        }
        Ok(())
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let (g, dtype) = (&update.gradient, update.learning_rate.dtype());
        // One minus beta in the variable's own precision, as in Keras: in F32 it is another number.
        let share = |beta: f64| 1.0 - Tensor::literal(beta, dtype);
        let step = update.step();
        let (now, next) = (self.momentum_at(&step), self.momentum_at(&(&step + 1.0)));
        let product = match update.shared.first() {
            Some(product) => product.read().cast(dtype),
            None => Tensor::literal(1.0, dtype),
        };
        let (momentum, velocity) = (update.slot("momentum")?, update.slot("velocity")?);
        let (m, v) = (momentum.read(), velocity.read());
        let m = &m + (g - &m) * share(self.beta_1);
        let v = &v + (update.squared_gradient() - &v) * share(self.beta_2);
        momentum.assign(&m)?;
        velocity.assign(&v)?;
        let of_momentum = &next / (1.0 - &product * &next);
        let of_gradient = (1.0 - now) / (1.0 - product);
        let direction = m * of_momentum + g * of_gradient;
        let spread = (v / (1.0 - update.power(self.beta_2))).sqrt() + self.epsilon;
        update.subtract(&(direction * &update.learning_rate / spread))
    }
}

impl Nadam {
    fn momentum_at(&self, step: &Tensor) -> Tensor {
        let decay = Tensor::literal(0.96, step.dtype()).pow(step);
        (1.0 - decay * 0.5) * self.beta_1
    }
}
