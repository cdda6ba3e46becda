//! The state of a run of `fit` as a checkpoint, and a run that continues from one.

use hornblende_core::{Error, Result, Spec, Value, Variable};
use serde_json::{Map, json};

use super::fit_run::FitRun;
use super::run::Request;
use super::session::Session;
use super::{CallbackState, Curves};
use crate::config::{Config, Json};
use crate::formats::Checkpoint;
use crate::models::Differences;
use crate::random;

/// The version of what a checkpoint of a run holds.
const VERSION: u64 = 1;

impl Session<'_> {
    /// Does what callbacks asked for.
    pub(super) fn answer_requests(&mut self, run: &mut FitRun<'_>) -> Result<()> {
        for request in run.callbacks.take_requests() {
            match request {
                Request::Save(folder) => folder.save(&self.checkpoint(run)?)?,
                Request::Restore(folder) => {
                    if let Some(checkpoint) = folder.load()? {
                        self.restore(run, &checkpoint)?;
                    }
                }
                Request::Delete(folder) => folder.delete()?,
            }
        }
        Ok(())
    }

    /// Everything that what follows depends on.
    fn checkpoint(&mut self, run: &FitRun<'_>) -> Result<Checkpoint> {
        let mut checkpoint = Checkpoint::new();
        let mut names = Map::new();
        for (group, variables) in self.groups()? {
            let own = variables.iter().map(|v| Json::from(&*v.name()));
            names.insert(group.to_owned(), own.collect());
            for (k, variable) in variables.iter().enumerate() {
                checkpoint.set(format!("{group}/{k}"), variable.value());
            }
        }
        let states = run.callbacks.states();
        let class_names = run.callbacks.class_names();
        let callbacks: Vec<Json> = class_names.iter().zip(&states).map(|(name, state)| {
            json!({"class_name": name, "config": state.config.0, "arrays": state.arrays.len()})
        }).collect();
        let (seed, stream) = random::global_state();
        let feeds = &run.feeds;
        let metadata = json!({
            "format": "run of fit",
            "version": VERSION,
            "epoch": run.epoch,
            "done": run.done,
            "stops_training": run.callbacks.stops_training(),
            "was_cut": feeds.was_cut,
            "training": feeds.training.position(),
            "validation": feeds.validation.as_ref().map(|feed| feed.position()),
            "random": [seed, stream],
            "compiled": self.compiled_words()?,
            "callbacks": callbacks,
            "variables": names,
            "curves": run.history.history().names().collect::<Vec<_>>(),
            "logs": run.logs.epoch.names().collect::<Vec<_>>(),
        });
        if let Json::Object(metadata) = metadata {
            checkpoint.metadata = metadata;
        }
        put_history(&mut checkpoint, run)?;
        for (k, state) in states.into_iter().enumerate() {
            for (n, array) in state.arrays.into_iter().enumerate() {
                checkpoint.set(format!("callback/{k}/{n}"), array);
            }
        }
        Ok(checkpoint)
    }

    /// Continues from a checkpoint. What a callback refuses, it may have taken in part; the model is changed
    /// only if everything fits.
    fn restore(&mut self, run: &mut FitRun<'_>, checkpoint: &Checkpoint) -> Result<()> {
        let stored = Stored(checkpoint);
        if stored.whole("version")? != VERSION as usize {
            return Err(unfit("a checkpoint of a run of fit", "another kind"));
        }
        let states = stored.callback_states(&run.callbacks.class_names())?;
        let values = self.fitting_values(checkpoint)?;
        stored.check_compiled(&self.compiled_words()?)?;
        let (epoch, done) = (stored.whole("epoch")?, stored.optional("done")?);
        let curves = stored.curves()?;
        let epochs = stored.wholes("history/epoch")?;
        let step_numbers = stored.numbers("logs/steps")?;
        let epoch_logs = stored.named_numbers("logs", "logs/epoch")?;
        let random = stored.random()?;
        let validation = &checkpoint.metadata["validation"];
        if let Some(feed) = run.feeds.validation.as_mut() {
            feed.seek(validation)?;
        }
        run.feeds.training.seek(&checkpoint.metadata["training"])?;
        run.callbacks.set_states(&states)?;

        for (variable, value) in values {
            variable.set(value)?;
        }
        random::set_global_state(random);
        run.feeds.was_cut = checkpoint.metadata["was_cut"] == true;
        let stops = checkpoint.metadata["stops_training"] == true;
        run.callbacks.set_stops_training(stops);
        run.logs.steps.set_numbers(&step_numbers);
        for (name, number) in epoch_logs {
            run.logs.epoch.set(name, number);
        }
        run.history.go_on(epochs, curves);
        (run.epoch, run.done) = (epoch, done);
        Ok(())
    }

    /// How the model is compiled, apart from what changes during a run; null if words do not describe it.
    fn compiled_words(&mut self) -> Result<Json> {
        let outputs = self.model.output_names().len();
        let config = self.compiled()?.config(outputs);
        Ok(config.map_or(Json::Null, |config| lasting(Json::Object(config.0))))
    }

    /// All variables of the run, by what they belong to.
    fn groups(&mut self) -> Result<[(&'static str, Vec<Variable>); 3]> {
        let model = self.model.variables();
        let compiled = self.compiled()?;
        let trackers = compiled.trackers.as_ref();
        Ok([
            ("model", model),
            ("optimizer", compiled.optimizer.variables()),
            ("tracker", trackers.map_or_else(Vec::new, |t| t.variables())),
        ])
    }

    /// The variables of the run, each with its value in the checkpoint.
    fn fitting_values(&mut self, checkpoint: &Checkpoint) -> Result<Vec<(Variable, Value)>> {
        let mut differences = Differences::default();
        let mut pairs = Vec::new();
        for (group, variables) in self.groups()? {
            for (k, variable) in variables.iter().enumerate() {
                let name = variable.name();
                match checkpoint.get(&format!("{group}/{k}")) {
                    Some(value) => {
                        differences.compare(&name, variable.spec(), &spec_of(value));
                        pairs.push((variable.clone(), value.clone()));
                    }
                    None => differences.missing(&*name),
                }
            }
            let names = checkpoint.metadata["variables"][group].as_array();
            let surplus = names.into_iter().flatten().skip(variables.len());
            surplus.for_each(|name| differences.unexpected(name.as_str().unwrap_or("?")));
        }
        let expected = "the variables of this model, its optimizer and its metrics";
        let fix = "Continue with the model that wrote the checkpoint, or remove it";
        match differences.into_error("fit: checkpoint", expected, fix) {
            Some(error) => Err(error),
            None => Ok(pairs),
        }
    }
}

fn put_history(checkpoint: &mut Checkpoint, run: &FitRun<'_>) -> Result<()> {
    let list = |numbers: &[f64]| Value::from_vec([numbers.len()], numbers.to_vec());
    let epochs: Vec<i64> = run.history.epoch.iter().map(|e| *e as i64).collect();
    checkpoint.set("history/epoch", Value::from_vec([epochs.len()], epochs)?);
    for (k, (_, curve)) in run.history.history().iter().enumerate() {
        checkpoint.set(format!("history/{k}"), list(curve)?);
    }
    let epoch: Vec<f64> = run.logs.epoch.iter().map(|(_, number)| number).collect();
    checkpoint.set("logs/epoch", list(&epoch)?);
    checkpoint.set("logs/steps", list(&run.logs.steps.numbers())?);
    Ok(())
}

/// A checkpoint that is read.
struct Stored<'a>(&'a Checkpoint);

impl<'a> Stored<'a> {
    fn whole(&self, key: &str) -> Result<usize> {
        self.optional(key)?
            .ok_or_else(|| unfit(&format!("a number \"{key}\""), "none"))
    }

    fn optional(&self, key: &str) -> Result<Option<usize>> {
        match self.0.metadata.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(number) => match number.as_u64().and_then(|n| usize::try_from(n).ok()) {
                Some(number) => Ok(Some(number)),
                None => Err(unfit(&format!("a number \"{key}\""), &number.to_string())),
            },
        }
    }

    fn numbers(&self, name: &str) -> Result<Vec<f64>> {
        let value = self.0.get(name);
        value
            .map(Value::to_f64_vec)
            .ok_or_else(|| unfit(&format!("numbers \"{name}\""), "none"))
    }

    fn wholes(&self, name: &str) -> Result<Vec<usize>> {
        let numbers = self.numbers(name)?;
        Ok(numbers.into_iter().map(|n| n as usize).collect())
    }

    fn names(&self, key: &str) -> Vec<&'a str> {
        let names = self.0.metadata.get(key).and_then(Json::as_array);
        names
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect()
    }

    fn named_numbers(&self, key: &str, name: &str) -> Result<Vec<(&'a str, f64)>> {
        let numbers = self.numbers(name)?;
        Ok(self.names(key).into_iter().zip(numbers).collect())
    }

    /// Fails if the model is compiled otherwise than the one that wrote the checkpoint.
    fn check_compiled(&self, now: &Json) -> Result<()> {
        let then = &self.0.metadata["compiled"];
        // Closures cannot be compared.
        if then.is_null() || now.is_null() {
            return Ok(());
        }
        match difference("compile", then, now) {
            Some((place, then, now)) => Err(unfit(&format!("{place} {then}"), &now)),
            None => Ok(()),
        }
    }

    fn curves(&self) -> Result<Curves> {
        let mut curves = Curves::default();
        for (k, name) in self.names("curves").into_iter().enumerate() {
            for number in self.numbers(&format!("history/{k}"))? {
                curves.push(name, number);
            }
        }
        Ok(curves)
    }

    fn random(&self) -> Result<(u64, u32)> {
        let parts = &self.0.metadata["random"];
        let stream = parts[1].as_u64().and_then(|n| u32::try_from(n).ok());
        parts[0]
            .as_u64()
            .zip(stream)
            .ok_or_else(|| unfit("seed and stream", &parts.to_string()))
    }

    /// What callbacks of these classes remembered.
    fn callback_states(&self, class_names: &[&str]) -> Result<Vec<CallbackState>> {
        let stored = self.0.metadata.get("callbacks").and_then(Json::as_array);
        let stored: Vec<&Json> = stored.into_iter().flatten().collect();
        let name = |callback: &&Json| callback["class_name"].as_str().unwrap_or("?").to_owned();
        let names: Vec<String> = stored.iter().map(name).collect();
        if names != class_names {
            let expected = format!("the callbacks [{}]", names.join(", "));
            return Err(unfit(&expected, &format!("[{}]", class_names.join(", "))));
        }
        let state = |(k, callback): (usize, &&Json)| {
            let arrays = (0..).map_while(|n| self.0.get(&format!("callback/{k}/{n}")));
            CallbackState {
                config: Config(callback["config"].as_object().cloned().unwrap_or_default()),
                arrays: arrays.cloned().collect(),
            }
        };
        Ok(stored.iter().enumerate().map(state).collect())
    }
}

/// A description without names, which change no number, and without a learning rate that is a variable, which callbacks
/// may have changed and which the checkpoint holds.
fn lasting(json: Json) -> Json {
    let changes =
        |key: &str, value: &Json| key == "name" || key == "learning_rate" && value.is_number();
    match json {
        Json::Object(fields) => {
            let kept = fields
                .into_iter()
                .filter(|(key, value)| !changes(key, value));
            Json::Object(kept.map(|(key, value)| (key, lasting(value))).collect())
        }
        Json::Array(entries) => entries.into_iter().map(lasting).collect(),
        other => other,
    }
}

/// The first place where two descriptions differ, and what stands there in each.
fn difference(place: &str, then: &Json, now: &Json) -> Option<(String, String, String)> {
    match (then, now) {
        (Json::Object(one), Json::Object(other)) => one
            .keys()
            .chain(other.keys())
            .find_map(|key| difference(&format!("{place}: {key}"), &then[key], &now[key])),
        (Json::Array(one), Json::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other);
            pairs.find_map(|(then, now)| difference(place, then, now))
        }
        _ if then == now => None,
        _ => Some((place.to_owned(), then.to_string(), now.to_string())),
    }
}

fn spec_of(value: &Value) -> Spec {
    Spec {
        shape: value.shape().clone(),
        dtype: value.dtype(),
    }
}

fn unfit(expected: &str, got: &str) -> Error {
    let fix = "Continue with the options of the run that wrote the checkpoint, or remove it";
    Error::format("fit: checkpoint", expected, got, fix)
}
