//! The running mean behind a logged loss.

use hornblende_core::{DType, Result, Tensor, Value, Variable};

/// A weighted mean of scalars over the batches since the last reset, kept in two variables.
pub(super) struct MeanTracker {
    total: Variable,
    count: Variable,
}

impl MeanTracker {
    pub(super) fn new(name: &str) -> Self {
        let variable = |part: &str| {
            let value = Value::zeros([], DType::F32);
            let variable = Variable::from_value(format!("{name}/{part}"), value);
            variable.set_trainable(false);
            variable
        };
        Self {
            total: variable("total"),
            count: variable("count"),
        }
    }

    /// The state.
    pub(super) fn variables(&self) -> [Variable; 2] {
        [self.total.clone(), self.count.clone()]
    }

    /// Takes the mean of `value` in with this weight.
    pub(super) fn update(&self, value: &Tensor, weight: f64) -> Result<()> {
        let value = value.cast(DType::F32).mean(..);
        self.total.assign_add(&(value * weight))?;
        self.count.assign_add(&Tensor::literal(weight, DType::F32))
    }

    /// The mean, or 0 before the first update.
    pub(super) fn result(&self) -> Tensor {
        let (total, count) = (self.total.read(), self.count.read());
        total / count.equal(0.0).select(1.0, &count)
    }

    pub(super) fn reset(&self) -> Result<()> {
        self.total.set(Value::zeros([], DType::F32))?;
        self.count.set(Value::zeros([], DType::F32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_weighted_and_starts_again_after_a_reset() {
        let mean = MeanTracker::new("loss");
        assert_eq!(mean.result().item::<f32>().unwrap(), 0.0);
        mean.update(&Tensor::from(1.0f32), 3.0).unwrap();
        mean.update(&Tensor::from(5.0f32), 1.0).unwrap();
        assert_eq!(mean.result().item::<f32>().unwrap(), 2.0);
        mean.reset().unwrap();
        mean.update(&Tensor::from(7.0f32), 2.0).unwrap();
        assert_eq!(mean.result().item::<f32>().unwrap(), 7.0);
    }
}
