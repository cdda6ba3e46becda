// tidy: not an item
//! Which optimizer a variable has.

use std::fmt;
use std::sync::Arc;

use hornblende_core::{Error, Result, Variable};

use super::{IntoOptimizer, Optimizer, deserialize, inner_from_config, patterns, serialize};
use crate::config::{Config, Json, class_object};

/// Optimizers by the paths of variables, for [`crate::optimizers::MultiOptimizer`].
///
/// A key is a path such as `dense/kernel`, or a regular expression that describes a whole path. A variable that
/// no key describes has the default optimizer; one that several describe is an error, unless one of them is its
/// path.
///
/// # Example
/// ```
/// use hornblende::{optimizers::OptimizerMap, prelude::*};
/// let map = OptimizerMap::new("adam")?.assign("embedding.*", SGD::new().learning_rate(0.1))?;
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.optimizers.OptimizerMap`.
#[derive(Clone)]
pub struct OptimizerMap {
    default_optimizer: Arc<dyn Optimizer>,
    optimizer_map: Vec<(String, Arc<dyn Optimizer>)>,
}

impl OptimizerMap {
    /// A map without keys.
    ///
    /// # Errors
    /// An unknown name; an argument of the optimizer that makes no sense.
    pub fn new(default_optimizer: impl IntoOptimizer) -> Result<Self> {
        Ok(Self {
            default_optimizer: one_of_several(default_optimizer.into_optimizer()?)?,
            optimizer_map: Vec::new(),
        })
    }

    /// The same map with one more key. The same `Arc` may stand under several keys: it is one optimizer.
    ///
    /// # Errors
    /// As [`OptimizerMap::new`]; [`Error::InvalidArgument`] for a key that is there already or is no regular
    /// expression.
    pub fn assign(mut self, key: &str, optimizer: impl IntoOptimizer) -> Result<Self> {
        patterns::check("OptimizerMap: key", &[key.to_owned()])?;
        if self.optimizer_map.iter().any(|(known, _)| known == key) {
            return Err(Error::invalid_argument(
                "OptimizerMap",
                "each key once",
                format!("\"{key}\" twice"),
                "",
            ));
        }
        let optimizer = one_of_several(optimizer.into_optimizer()?)?;
        self.optimizer_map.push((key.to_owned(), optimizer));
        Ok(self)
    }

    pub(super) fn from_json(json: &Json) -> Result<Self> {
        let (class, config) = crate::config::class_of("optimizer_map", json)?;
        if class != "OptimizerMap" {
            return Err(Error::unknown(
                "map of optimizers",
                &class,
                &["OptimizerMap"],
            ));
        }
        config.only(&class, &["default_optimizer", "optimizer_map"])?;
        let map = Self::new(inner_from_config(&class, &config, "default_optimizer")?)?;
        match config.get("optimizer_map") {
            None => Ok(map),
            Some(Json::Object(entries)) => entries
                .iter()
                .try_fold(map, |map, (key, json)| map.assign(key, deserialize(json)?)),
            Some(other) => Err(Error::format(
                "argument \"optimizer_map\"",
                "an object of optimizers",
                other.to_string(),
                "",
            )),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let entries = self.optimizer_map.iter();
        let entries = entries.map(|(key, optimizer)| (key.clone(), serialize(&**optimizer)));
        let config = Config::new()
            .with("default_optimizer", serialize(&*self.default_optimizer))
            .with("optimizer_map", Json::Object(entries.collect()));
        class_object("keras.optimizers", "OptimizerMap", config)
    }

    /// Each optimizer once: those of the keys, then the default.
    pub(super) fn optimizers(&self) -> Vec<&Arc<dyn Optimizer>> {
        let all = self.optimizer_map.iter().map(|(_, optimizer)| optimizer);
        let mut each: Vec<&Arc<dyn Optimizer>> = Vec::new();
        for optimizer in all.chain([&self.default_optimizer]) {
            if !each.iter().any(|known| Arc::ptr_eq(known, optimizer)) {
                each.push(optimizer);
            }
        }
        each
    }

    /// The optimizer of this variable.
    pub(super) fn of(&self, variable: &Variable) -> Result<&Arc<dyn Optimizer>> {
        let path = variable.name();
        if let Some((_, exact)) = self.optimizer_map.iter().find(|(key, _)| **key == *path) {
            return Ok(exact);
        }
        let mut matching =
            (self.optimizer_map.iter()).filter(|(pattern, _)| patterns::is_all_of(pattern, &path));
        match (matching.next(), matching.next()) {
            (None, _) => Ok(&self.default_optimizer),
            (Some((_, optimizer)), None) => Ok(optimizer),
            (Some((first, _)), Some((second, _))) => Err(Error::invalid_argument(
                "OptimizerMap",
                format!("at most one key that describes \"{path}\""),
                format!("\"{first}\" and \"{second}\""),
                "",
            )),
        }
    }
}

impl fmt::Debug for OptimizerMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = (self.optimizer_map.iter()).map(|(key, o)| (key, o.class_name()));
        f.debug_map().entries(classes).finish_non_exhaustive()
    }
}

/// Those that look at all gradients together stand around a map and not in it.
fn one_of_several(optimizer: Arc<dyn Optimizer>) -> Result<Arc<dyn Optimizer>> {
    match optimizer.class_name() {
        class @ ("LossScaleOptimizer" | "MultiOptimizer") => Err(Error::invalid_argument(
            "OptimizerMap",
            "optimizers that can be one of several",
            class,
            "Put it around the MultiOptimizer",
        )),
        _ => Ok(optimizer),
    }
}
