//! Several optimizers, each for some of the variables.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor, Variable};

use super::optimizer::{build, own_variables};
use super::{Entry, Optimizer, OptimizerBase, OptimizerMap, Update};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MultiOptimizer",
    names: &["multioptimizer", "multi_optimizer"],
    from_config: |config| Ok(Arc::new(MultiOptimizer::from_config(config)?)),
};

/// Several optimizers, each for some of the variables, as an [`OptimizerMap`] says.
///
/// It has no learning rate; those of the optimizers in it are theirs, as are clipping and all other common
/// arguments but `loss_scale_factor`, which is one for all: theirs is not used.
///
/// # Example
/// ```
/// use hornblende::{optimizers::OptimizerMap, prelude::*};
/// let (a, b) = (Variable::new("a", Tensor::from(1.0f32))?, Variable::new("b", Tensor::from(1.0f32))?);
/// let map = OptimizerMap::new(SGD::new().learning_rate(0.5))?
///     .assign("b", SGD::new().learning_rate(0.25))?;
/// let optimizer = MultiOptimizer::new(map);
/// optimizer.minimize(|| a.read() + b.read(), &[a.clone(), b.clone()])?;
/// assert_eq!((a.read().item::<f32>()?, b.read().item::<f32>()?), (0.5, 0.75));
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.optimizers.MultiOptimizer`, which asks for a gradient of each variable; here one may have none.
pub struct MultiOptimizer {
    base: OptimizerBase,
    optimizer_map: OptimizerMap,
}

impl MultiOptimizer {
    /// The optimizers of this map.
    #[must_use]
    pub fn new(optimizer_map: OptimizerMap) -> Self {
        for optimizer in optimizer_map.optimizers() {
            optimizer.base().leave_unscaling_outside();
        }
        Self {
            base: OptimizerBase::new("multi_optimizer", 0.0),
            optimizer_map,
        }
    }

    /// Divides the gradients by this; the loss was multiplied by it (`Optimizer::scale_loss`).
    #[must_use]
    pub fn loss_scale_factor(mut self, factor: f64) -> Self {
        self.base.loss_scale_factor = Some(factor);
        self
    }

    /// The name, which the names of the optimizer's own variables begin with.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.base.name);
        self
    }

    /// The optimizers, each once: those of the keys of the map, then the default.
    #[must_use]
    pub fn optimizers(&self) -> Vec<Arc<dyn Optimizer>> {
        self.optimizer_map
            .optimizers()
            .into_iter()
            .cloned()
            .collect()
    }

    fn from_config(config: &Config) -> Result<Self> {
        let class = "MultiOptimizer";
        config.only(class, &["optimizer_map", "loss_scale_factor", "name"])?;
        let Some(map) = config.get("optimizer_map") else {
            let expected = "an argument \"optimizer_map\"";
            return Err(Error::format(class, expected, "none", ""));
        };
        let mut optimizer = Self::new(OptimizerMap::from_json(map)?);
        optimizer.base.loss_scale_factor = config.number("loss_scale_factor")?;
        if let Some(name) = config.text("name")? {
            optimizer.base.name = name;
        }
        optimizer.check()?;
        Ok(optimizer)
    }

    fn no_learning_rate(&self) -> Error {
        self.base.refuse(
            "learning_rate",
            "that of one of its optimizers",
            "that of all".to_owned(),
        )
    }
}

impl Optimizer for MultiOptimizer {
    fn base(&self) -> &OptimizerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "MultiOptimizer"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("optimizer_map", self.optimizer_map.to_json())
            .with("loss_scale_factor", self.base.loss_scale_factor)
            .with("name", self.base.name.as_str())
    }

    fn check(&self) -> Result<()> {
        let mut optimizers = self.optimizer_map.optimizers().into_iter();
        optimizers.try_for_each(|optimizer| optimizer.check())?;
        self.base.check()
    }

    fn build(&self, variables: &[Variable]) -> Result<()> {
        for optimizer in self.optimizer_map.optimizers() {
            let mut own = Vec::new();
            for variable in variables {
                if Arc::ptr_eq(self.optimizer_map.of(variable)?, optimizer) {
                    own.push(variable.clone());
                }
            }
            if !own.is_empty() {
                optimizer.build(&own)?;
            }
        }
        build(self, variables)
    }

    fn step(&self, pairs: &[(Tensor, Variable)]) -> Result<()> {
        for optimizer in self.optimizer_map.optimizers() {
            let mut own = Vec::new();
            for (gradient, variable) in pairs {
                if Arc::ptr_eq(self.optimizer_map.of(variable)?, optimizer) {
                    let gradient = match self.base.loss_scale_factor() {
                        Some(factor) => gradient / factor,
                        None => gradient.clone(),
                    };
                    own.push((gradient, variable.clone()));
                }
            }
            if !own.is_empty() {
                optimizer.step(&own)?;
            }
        }
        let calls = &self.base.iteration;
        calls.assign(&(calls.read() + 1))
    }

    /// That of the variable's optimizer.
    fn update_step(&self, update: &Update) -> Result<()> {
        self.optimizer_map.of(&update.variable)?.update_step(update)
    }

    /// An error, since there are several.
    fn learning_rate(&self) -> Tensor {
        Tensor::invalid(self.no_learning_rate())
    }

    /// Fails, since there are several.
    fn set_learning_rate(&self, _learning_rate: f64) -> Result<()> {
        Err(self.no_learning_rate())
    }

    fn set_exclude_from_weight_decay(&self, patterns: &[&str]) -> Result<()> {
        let mut optimizers = self.optimizer_map.optimizers().into_iter();
        optimizers.try_for_each(|optimizer| optimizer.set_exclude_from_weight_decay(patterns))
    }

    fn variables(&self) -> Vec<Variable> {
        let mut variables = own_variables(&self.base);
        for optimizer in self.optimizer_map.optimizers() {
            variables.extend(optimizer.variables());
        }
        variables
    }

    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        let mut optimizers = self.optimizer_map.optimizers().into_iter();
        optimizers.try_for_each(|optimizer| optimizer.finalize_variable_values(variables))
    }
}
