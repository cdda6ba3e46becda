//! An optimizer around another one that scales the loss by what the gradients bear.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Tensor, Value, Variable};

use super::arguments::Argument;
use super::optimizer::{build, own_variables};
use super::step::only_if;
use super::{Entry, IntoOptimizer, Optimizer, OptimizerBase, Update, inner_from_config, serialize};
use crate::config::{Config, Json};

pub(super) const ENTRY: Entry = Entry {
    class_name: "LossScaleOptimizer",
    names: &["lossscaleoptimizer", "loss_scale_optimizer"],
    from_config: |config| Ok(Arc::new(LossScaleOptimizer::from_config(config)?)),
};

/// Multiplies the loss by a scale, so that small gradients do not vanish in half precision, and divides the
/// gradients by it before another optimizer has them.
///
/// If a gradient is not finite, the call changes no weight and the scale is halved; after `dynamic_growth_steps`
/// calls in a row with finite ones it is doubled.
///
/// Learning rate, iterations, clipping and all other common arguments are those of the inner optimizer, but for
/// its `loss_scale_factor`, which is not used.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = Variable::new("w", Tensor::from([1.0f32]))?;
/// let optimizer = LossScaleOptimizer::new(SGD::new().learning_rate(0.5))?.initial_scale(8.0);
/// optimizer.minimize(|| w.read().sum(..), &[w.clone()])?;
/// assert_eq!(w.read().to_vec::<f32>()?, [0.5]);
/// let pairs = [(Tensor::from([f32::INFINITY]), w.clone())];
/// optimizer.apply_gradients(&pairs)?;
/// assert_eq!(w.read().to_vec::<f32>()?, [0.5]);
/// assert_eq!(optimizer.scale_loss(&Tensor::from(1.0f32)).item::<f32>()?, 4.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Micikevicius et al. 2018 (arXiv:1710.03740), as `keras.optimizers.LossScaleOptimizer`, which forgets the product
/// of an inner Nadam, and the unused scalars of an inner Adafactor, among its variables; here they are there, so that
/// a training run that is resumed goes on as it was.
pub struct LossScaleOptimizer {
    base: OptimizerBase,
    inner_optimizer: Arc<dyn Optimizer>,
    initial_scale: f64,
    dynamic_growth_steps: usize,
}

impl LossScaleOptimizer {
    /// Scales the loss for this optimizer, a name or a value.
    ///
    /// # Errors
    /// An unknown name; an argument of the optimizer that makes no sense.
    pub fn new(inner_optimizer: impl IntoOptimizer) -> Result<Self> {
        let inner_optimizer = inner_optimizer.into_optimizer()?;
        inner_optimizer.base().leave_unscaling_outside();
        Ok(Self {
            base: OptimizerBase::new("loss_scale_optimizer", 0.0),
            inner_optimizer,
            initial_scale: 32768.0,
            dynamic_growth_steps: 2000,
        })
    }

    /// The first scale, above 0; 32768 by default.
    #[must_use]
    pub fn initial_scale(mut self, initial_scale: f64) -> Self {
        self.initial_scale = initial_scale;
        self
    }

    /// How many calls with finite gradients double the scale, at least 1; 2000 by default.
    #[must_use]
    pub fn dynamic_growth_steps(mut self, dynamic_growth_steps: usize) -> Self {
        self.dynamic_growth_steps = dynamic_growth_steps;
        self
    }

    /// The name, which the names of the optimizer's variables begin with.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.base.name);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let class = "LossScaleOptimizer";
        let own = [
            "inner_optimizer",
            "initial_scale",
            "dynamic_growth_steps",
            "dynamic",
        ];
        config.only(class, &OptimizerBase::known_keys(&own))?;
        let mut optimizer = Self::new(inner_from_config(class, config, "inner_optimizer")?)?;
        if let Some(name) = config.text("name")? {
            optimizer.base.name = name;
        }
        if let Some(scale) = f64::read(config, "initial_scale")? {
            optimizer.initial_scale = scale;
        }
        if let Some(steps) = config.size("dynamic_growth_steps")? {
            optimizer.dynamic_growth_steps = steps;
        }
        optimizer.refuse_common(config)?;
        optimizer.check()?;
        Ok(optimizer)
    }

    /// Common arguments may be named with their defaults only: they belong to the inner optimizer.
    fn refuse_common(&self, config: &Config) -> Result<()> {
        if config.flag("dynamic")? == Some(false) {
            let wanted = "true, or loss_scale_factor of the inner optimizer";
            return Err(self.base.refuse("dynamic", wanted, "false".to_owned()));
        }
        let defaults = self.base.get_config();
        for (key, value) in &config.0 {
            let is_own = ["name", "learning_rate"].contains(&key.as_str());
            if let Some(default) = defaults.0.get(key).filter(|_| !is_own)
                && default != value
            {
                let wanted = "it as an argument of inner_optimizer";
                return Err(self.base.refuse(key, wanted, value.to_string()));
            }
        }
        match config.get("learning_rate").and_then(Json::as_f64) {
            Some(rate) if rate != 0.0 => {
                let wanted = "it as an argument of inner_optimizer";
                Err(self.base.refuse("learning_rate", wanted, rate.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// The scale now, `F32`: that of the loss, and that of the gradients which come of it.
    #[must_use]
    pub fn dynamic_scale(&self) -> Tensor {
        match self.state() {
            Some((_, scale)) => scale.read(),
            None => Tensor::literal(self.initial_scale, DType::F32),
        }
    }

    /// The counter of finite calls, and the scale.
    fn state(&self) -> Option<(Variable, Variable)> {
        match self.base.built().as_ref()?.shared.as_slice() {
            [counter, scale] => Some((counter.clone(), scale.clone())),
            _ => None,
        }
    }
}

impl Optimizer for LossScaleOptimizer {
    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "LossScaleOptimizer"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("name", self.base.name.as_str())
            .with("inner_optimizer", serialize(&*self.inner_optimizer))
            .with("initial_scale", self.initial_scale)
            .with("dynamic_growth_steps", self.dynamic_growth_steps)
    }

    fn check(&self) -> Result<()> {
        self.inner_optimizer.check()?;
        let above_zero = f64::MIN_POSITIVE..=f64::MAX;
        let scale = Some(self.initial_scale);
        self.base.within("initial_scale", scale, &above_zero)?;
        let steps = Some(self.dynamic_growth_steps as f64);
        self.base
            .within("dynamic_growth_steps", steps, &(1.0..=f64::MAX))
    }

    fn shared_variables(&self, _dtype: DType) -> Vec<Variable> {
        let variable = |name: &str, value: Value| {
            let variable = Variable::from_value(format!("{}/{name}", self.base.name), value);
            variable.set_trainable(false);
            variable
        };
        let scale = Value::full(Shape::scalar(), DType::F32, self.initial_scale);
        vec![
            variable("step_counter", Value::scalar(0i64)),
            variable("dynamic_scale", scale),
        ]
    }

    fn build(&self, variables: &[Variable]) -> Result<()> {
        self.inner_optimizer.build(variables)?;
        build(self, variables)
    }

    fn step(&self, pairs: &[(Tensor, Variable)]) -> Result<()> {
        let Some((counter, scale)) = self.state() else {
            return self.inner_optimizer.step(pairs);
        };
        let is_finite = (pairs.iter())
            .map(|(gradient, _)| gradient.is_finite().all(..))
            .reduce(|a, b| a.logical_and(b))
            .unwrap_or_else(|| Tensor::literal(1.0, DType::Bool));
        let unscaled: Vec<(Tensor, Variable)> = (pairs.iter())
            .map(|(gradient, variable)| {
                let scale = scale.read().cast(gradient.dtype());
                (gradient / scale, variable.clone())
            })
            .collect();
        let mut changed = self.inner_optimizer.variables();
        changed.extend(
            self.base
                .built()
                .iter()
                .flat_map(|built| built.variables.clone()),
        );
        only_if(&is_finite, &changed, || {
            self.inner_optimizer.step(&unscaled)
        })?;

        let (count, factor) = (counter.read(), scale.read());
        let is_grown = count.equal(self.dynamic_growth_steps as f64 - 1.0);
        let more = is_grown.select(0.0, &count + 1);
        counter.assign(&is_finite.select(more, 0.0))?;
        let larger = is_grown.select(&factor * 2.0, &factor);
        scale.assign(&is_finite.select(larger, factor * 0.5))
    }

    /// That of the inner optimizer.
    fn update_step(&self, update: &Update) -> Result<()> {
        self.inner_optimizer.update_step(update)
    }

    fn iterations(&self) -> Tensor {
        self.inner_optimizer.iterations()
    }

    fn learning_rate(&self) -> Tensor {
        self.inner_optimizer.learning_rate()
    }

    fn set_learning_rate(&self, learning_rate: f64) -> Result<()> {
        self.inner_optimizer.set_learning_rate(learning_rate)
    }

    fn set_exclude_from_weight_decay(&self, patterns: &[&str]) -> Result<()> {
        self.inner_optimizer.set_exclude_from_weight_decay(patterns)
    }

    fn scale_loss(&self, loss: &Tensor) -> Tensor {
        loss * self.dynamic_scale().cast(loss.dtype())
    }

    fn variables(&self) -> Vec<Variable> {
        [own_variables(&self.base), self.inner_optimizer.variables()].concat()
    }

    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        self.inner_optimizer.finalize_variable_values(variables)
    }
}
