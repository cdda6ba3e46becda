//! An optimizer around another one that goes only part of its way.

use std::sync::Arc;

use hornblende_core::{Result, Tensor, Variable};

use super::arguments::Argument;
use super::optimizer::build;
use super::rectified_update::{SLOW, synchronise};
use super::step::constrain;
use super::{
    Entry, IntoOptimizer, Optimizer, OptimizerBase, Slot, Update, inner_from_config, serialize,
};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Lookahead",
    names: &["lookahead"],
    from_config: |config| Ok(Arc::new(Lookahead::from_config(config)?)),
};

/// Lookahead: lets another optimizer go `sync_period` steps ahead, and then goes back to a point on the way there.
///
/// ```text
/// at every sync_period-th update:  s += slow_step_size (w - s);  w = s
/// ```
///
/// The slow weights `s` begin as the weights are before the first update.
///
/// Learning rate, iterations, clipping and all other common arguments are those of the other optimizer.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = Variable::new("w", Tensor::from([1.0f32]))?;
/// let optimizer = Lookahead::new(SGD::new().learning_rate(0.25))?.sync_period(2);
/// for _ in 0..2 {
///     optimizer.apply_gradients(&[(Tensor::from([1.0f32]), w.clone())])?;
/// }
/// assert_eq!(w.read().to_vec::<f32>()?, [0.75]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Zhang et al. 2019 (arXiv:1907.08610), as `Lookahead` of TensorFlow Addons; Keras does not have it. Where the
/// other one accumulates gradients, updates are counted and not calls.
pub struct Lookahead {
    base: OptimizerBase,
    optimizer: Arc<dyn Optimizer>,
    sync_period: usize,
    slow_step_size: f64,
}

impl Lookahead {
    /// Lookahead around this optimizer, a name or a value.
    ///
    /// # Errors
    /// An unknown name; an argument of the optimizer that makes no sense.
    pub fn new(optimizer: impl IntoOptimizer) -> Result<Self> {
        Ok(Self {
            base: OptimizerBase::new("lookahead", 0.0),
            optimizer: optimizer.into_optimizer()?,
            sync_period: 6,
            slow_step_size: 0.5,
        })
    }

    /// The number of updates between two looks back, at least 1; 6 by default.
    #[must_use]
    pub fn sync_period(mut self, sync_period: usize) -> Self {
        self.sync_period = sync_period;
        self
    }

    /// The share of the way that the slow weights go, from 0 to 1; 0.5 by default.
    #[must_use]
    pub fn slow_step_size(mut self, slow_step_size: f64) -> Self {
        self.slow_step_size = slow_step_size;
        self
    }

    /// The name, which the names of the slow weights begin with.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.base.name);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = ["name", "optimizer", "sync_period", "slow_step_size"];
        config.only("Lookahead", &known)?;
        let mut lookahead = Self::new(inner_from_config("Lookahead", config, "optimizer")?)?;
        let pace = (
            config.size("sync_period")?,
            f64::read(config, "slow_step_size")?,
        );
        lookahead.sync_period = pace.0.unwrap_or(lookahead.sync_period);
        lookahead.slow_step_size = pace.1.unwrap_or(lookahead.slow_step_size);
        lookahead.base.name = config.text("name")?.unwrap_or(lookahead.base.name);
        lookahead.check()?;
        Ok(lookahead)
    }
}

impl Optimizer for Lookahead {
    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Lookahead"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("name", self.base.name.as_str())
            .with("optimizer", serialize(&*self.optimizer))
            .with("sync_period", self.sync_period)
            .with("slow_step_size", self.slow_step_size)
    }

    fn check(&self) -> Result<()> {
        self.optimizer.check()?;
        let period = Some(self.sync_period as f64);
        self.base.within("sync_period", period, &(1.0..=f64::MAX))?;
        let size = Some(self.slow_step_size);
        self.base.within("slow_step_size", size, &(0.0..=1.0))
    }

    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        vec![vec![Slot::copy(SLOW)]]
    }

    fn build(&self, variables: &[Variable]) -> Result<()> {
        self.optimizer.build(variables)?;
        build(self, variables)
    }

    fn step(&self, pairs: &[(Tensor, Variable)]) -> Result<()> {
        let built = self.base.built().clone().unwrap_or_default();
        let first: Vec<Tensor> = pairs.iter().map(|(_, variable)| variable.read()).collect();
        let before = self.iterations();
        self.optimizer.step(pairs)?;
        let after = self.iterations();
        for ((_, variable), first) in pairs.iter().zip(&first) {
            let slots = built.position(variable).map(|place| &built.slots[place]);
            for (_, slow) in slots.into_iter().flatten() {
                let pace = (self.sync_period, self.slow_step_size);
                synchronise((variable, slow), first, (&before, &after), pace)?;
            }
        }
        constrain(pairs)
    }

    /// That of the other optimizer, at once.
    fn update_step(&self, update: &Update) -> Result<()> {
        self.optimizer.update_step(update)
    }

    fn iterations(&self) -> Tensor {
        self.optimizer.iterations()
    }

    fn learning_rate(&self) -> Tensor {
        self.optimizer.learning_rate()
    }

    fn set_learning_rate(&self, learning_rate: f64) -> Result<()> {
        self.optimizer.set_learning_rate(learning_rate)
    }

    fn set_exclude_from_weight_decay(&self, patterns: &[&str]) -> Result<()> {
        self.optimizer.set_exclude_from_weight_decay(patterns)
    }

    fn scale_loss(&self, loss: &Tensor) -> Tensor {
        self.optimizer.scale_loss(loss)
    }

    /// Those of the other optimizer, then the slow weights.
    fn variables(&self) -> Vec<Variable> {
        let mut variables = self.optimizer.variables();
        if let Some(built) = &*self.base.built() {
            variables.extend(built.all.iter().cloned());
        }
        variables
    }

    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        self.optimizer.finalize_variable_values(variables)
    }
}
