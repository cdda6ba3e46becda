//! How a model is compiled, in Keras's words.

use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{Error, Result};

use super::compiled::Compiled;
use super::session::TrainingState;
use super::{Compile, MetricChoice, PerOutput};
use crate::config::{Config, Json, class_object, class_of};
use crate::losses::{self, Loss};
use crate::metrics;
use crate::models::Model;
use crate::optimizers;

impl Model {
    /// The arguments of [`Model::compile`] in Keras's words; `None` for a model that is not compiled, and for one
    /// whose loss, metrics or optimizer are closures or types of your own, which words do not describe.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
    /// assert_eq!(model.get_compile_config(), None);
    /// model.compile(Compile::new().optimizer("sgd").loss("mse").metrics(["mae"]))?;
    /// let config = model.get_compile_config().unwrap();
    /// model.compile_from_config(&config)?;
    /// assert_eq!(model.get_compile_config(), Some(config));
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use]
    pub fn get_compile_config(&self) -> Option<Config> {
        let state = self.compiled.as_ref()?.downcast_ref::<TrainingState>()?;
        state.compiled.as_ref()?.config(self.output_names().len())
    }

    /// Compiles the model as [`Model::get_compile_config`], ours or Keras's, describes it.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a class or an argument that there is not, [`Error::Format`] for what is no such
    /// description; as [`Model::compile`].
    #[track_caller]
    pub fn compile_from_config(&mut self, config: &Config) -> Result<()> {
        let location = Location::caller();
        let outputs = self.output_names();
        let compiled = || -> Result<Compiled> {
            let optimizer = config.get("optimizer");
            let mut compiled = Compile::new().compiled()?;
            if let Some(optimizer) = optimizer {
                compiled.optimizer = optimizers::deserialize(optimizer)?;
            }
            compiled.losses = given("loss", config.get("loss"), &outputs, &loss_of)?;
            compiled.loss_weights = given(
                "loss_weights",
                config.get("loss_weights"),
                &outputs,
                &weight_of,
            )?;
            compiled.metrics = metrics_given("metrics", config, &outputs)?;
            compiled.weighted_metrics = metrics_given("weighted_metrics", config, &outputs)?;
            if self.is_built() {
                compiled.check(&outputs)?;
            }
            Ok(compiled)
        };
        let compiled = compiled().map_err(|error| error.at(location))?;
        self.compile_with(compiled, location);
        Ok(())
    }
}

impl Compiled {
    /// What [`Model::get_compile_config`] gives for a model of so many outputs.
    pub(super) fn config(&self, outputs: usize) -> Option<Config> {
        let optimizer = &*self.optimizer;
        let known = optimizers::from_config(optimizer.class_name(), &optimizer.get_config());
        known.ok()?;
        let metrics = |metrics: &PerOutput<Vec<MetricChoice>>| {
            json_of(&spread(metrics, outputs), |list| {
                list.iter().map(metric_json).collect()
            })
        };
        Some(
            Config::new()
                .with("optimizer", optimizers::serialize(optimizer))
                .with("loss", json_of(&self.losses, loss_json)?)
                .with(
                    "loss_weights",
                    json_of(&self.loss_weights, |weight| Some(Json::from(*weight)))?,
                )
                .with("metrics", metrics(&self.metrics)?)
                .with("weighted_metrics", metrics(&self.weighted_metrics)?)
                .with("run_eagerly", false)
                .with("steps_per_execution", 1)
                .with("jit_compile", false),
        )
    }
}

/// For several outputs, a list that counts for each of them as one list for each, which Keras wants.
fn spread<T: Clone>(metrics: &PerOutput<Vec<T>>, outputs: usize) -> PerOutput<Vec<T>> {
    match metrics {
        PerOutput::Same(list) if outputs > 1 => PerOutput::Positions(vec![list.clone(); outputs]),
        other => other.clone(),
    }
}

/// `None` if a part cannot be described.
fn json_of<T>(given: &PerOutput<T>, part: impl Fn(&T) -> Option<Json>) -> Option<Json> {
    Some(match given {
        PerOutput::Nothing => Json::Null,
        PerOutput::Same(item) => part(item)?,
        PerOutput::Positions(items) => items.iter().map(part).collect::<Option<_>>()?,
        PerOutput::Names(named) => {
            let pair = |(name, item): &(String, T)| Some((name.clone(), part(item)?));
            Json::Object(named.iter().map(pair).collect::<Option<_>>()?)
        }
    })
}

fn loss_json(loss: &Arc<dyn Loss>) -> Option<Json> {
    let config = loss.get_config();
    losses::from_config(loss.class_name(), &config).ok()?;
    Some(class_object("keras.losses", loss.class_name(), config))
}

fn metric_json(choice: &MetricChoice) -> Option<Json> {
    match choice {
        MetricChoice::Accuracy(name)
        | MetricChoice::Crossentropy(name)
        | MetricChoice::Named(name, _) => Some(name.as_str().into()),
        MetricChoice::Metric(metric) => {
            let config = metric.get_config();
            metrics::from_config(metric.class_name(), &config).ok()?;
            Some(class_object("keras.metrics", metric.class_name(), config))
        }
    }
}

/// Something for the outputs: one thing, a list, in which null stands for nothing, or an object of names.
fn given<T>(
    key: &str,
    json: Option<&Json>,
    outputs: &[String],
    part: &dyn Fn(&str, &Json) -> Result<T>,
) -> Result<PerOutput<T>> {
    Ok(match json {
        None => PerOutput::Nothing,
        Some(Json::Array(items))
            if items.iter().any(Json::is_null) && items.len() == outputs.len() =>
        {
            let pairs = outputs
                .iter()
                .zip(items)
                .filter(|(_, item)| !item.is_null());
            let pairs = pairs.map(|(name, item)| Ok((name.clone(), part(key, item)?)));
            PerOutput::Names(pairs.collect::<Result<_>>()?)
        }
        Some(Json::Array(items)) => {
            let items = items.iter().map(|item| part(key, item));
            PerOutput::Positions(items.collect::<Result<_>>()?)
        }
        Some(Json::Object(named)) if !named.contains_key("class_name") => {
            let present = named.iter().filter(|(_, item)| !item.is_null());
            let pairs = present.map(|(name, item)| Ok((name.clone(), part(key, item)?)));
            PerOutput::Names(pairs.collect::<Result<_>>()?)
        }
        Some(one) => PerOutput::Same(part(key, one)?),
    })
}

/// Metrics of one output are a list of metrics; those of several a list of lists.
fn metrics_given(
    key: &str,
    config: &Config,
    outputs: &[String],
) -> Result<PerOutput<Vec<MetricChoice>>> {
    match config.get(key) {
        Some(list @ Json::Array(_)) if outputs.len() <= 1 => {
            Ok(PerOutput::Same(metrics_of(key, list)?))
        }
        json => given(key, json, outputs, &metrics_of),
    }
}

fn loss_of(key: &str, json: &Json) -> Result<Arc<dyn Loss>> {
    let (class_name, config) = class_of(key, json)?;
    losses::from_config(&class_name, &config)
}

fn weight_of(key: &str, json: &Json) -> Result<f64> {
    json.as_f64()
        .ok_or_else(|| Error::format(key, "a number", json.to_string(), ""))
}

/// One metric, or several, lists within lists included: Keras writes both.
fn metrics_of(key: &str, json: &Json) -> Result<Vec<MetricChoice>> {
    match json {
        Json::Null => Ok(Vec::new()),
        Json::Array(items) => {
            let lists: Result<Vec<_>> = items.iter().map(|item| metrics_of(key, item)).collect();
            Ok(lists?.into_iter().flatten().collect())
        }
        Json::String(name) => Ok(vec![MetricChoice::from_name(name)?]),
        object => {
            let (class_name, config) = class_of(key, object)?;
            let metric = metrics::from_config(&class_name, &config)?;
            Ok(vec![MetricChoice::Metric(metric)])
        }
    }
}
