//! Callbacks: what they remember, when they stop, what they write, for given logs.

use std::path::PathBuf;

use hornblende::callbacks;
use hornblende::config::{Config, Json};
use hornblende::prelude::*;

use super::case::Case;
use super::hook_order;
use super::python_expression::Expression;
use super::reading::{config, entries, list, message, number, size, text};
use super::tally::run;
use super::tolerance::Tolerance;

#[test]
fn callbacks_are_keras_callbacks() {
    run("callbacks", check);
}

fn check(case: &Case) -> Result<(), String> {
    match case.class() {
        "EarlyStopping" => early_stopping(case),
        "ReduceLROnPlateau" => plateau(case),
        "ModelCheckpoint" => checkpoint(case),
        "LearningRateScheduler" => scheduler(case),
        "combined" => combined(case),
        "TerminateOnNaN" => terminate(case),
        "CSVLogger" => csv(case),
        "Callback" => hook_order::check(case),
        other => Err(format!("the class \"{other}\" is not known to this test")),
    }
}

/// The callback of a class and its configuration; a scheduler's is an expression.
pub(crate) fn callback(json: &Json) -> Result<Box<dyn Callback>, String> {
    if text(&json["class"]) == "LearningRateScheduler" {
        let schedule = Expression::new(text(&json["schedule"]));
        let schedule = move |epoch, lr| schedule.value(epoch, lr);
        return Ok(Box::new(LearningRateScheduler::new(schedule)));
    }
    callbacks::from_config(text(&json["class"]), &config(&json["config"])).map_err(message)
}

/// A model whose only weight is a number, told of epochs by hand.
struct Driver {
    model: Model,
    callbacks: Vec<Box<dyn Callback>>,
    epochs: usize,
}

/// What is known after an epoch.
struct Seen {
    lr_during: f64,
    lr_after: f64,
    logs: Logs,
    flow: Flow,
}

impl Driver {
    fn new(callbacks: Vec<Box<dyn Callback>>, learning_rate: f64) -> Result<Self, String> {
        let build = || -> Result<Model> {
            let inputs = Input::new([1]);
            let outputs = Dense::new(1).use_bias(false).call(&inputs)?;
            let mut model = Model::new(&inputs, &outputs)?;
            let compile = Compile::new().optimizer(SGD::new().learning_rate(learning_rate));
            model.compile(compile.loss("mse").metrics(["mae", "accuracy"]))?;
            // The metrics exist from the first batch on, and say which way they get better.
            let x = Tensor::zeros([1, 1], DType::F32);
            model.test_on_batch((&x, &x))?;
            Ok(model)
        };
        let mut driver = Self {
            model: build().map_err(message)?,
            callbacks,
            epochs: 0,
        };
        driver.tell(|callback, run| callback.on_train_begin(run))?;
        Ok(driver)
    }

    fn tell(
        &mut self,
        mut hook: impl FnMut(&mut dyn Callback, &mut Run) -> Result<Flow>,
    ) -> Result<Flow, String> {
        let mut run = Run::by_hand(&mut self.model).with_epochs(self.epochs);
        let mut asked = Flow::Continue;
        for callback in &mut self.callbacks {
            asked = asked.max(hook(&mut **callback, &mut run).map_err(message)?);
        }
        Ok(asked)
    }

    fn learning_rate(&self) -> Result<f64, String> {
        let optimizer = self.model.optimizer().map_err(message)?;
        let rate = optimizer.learning_rate().item::<f32>();
        Ok(rate.map_err(message)?.into())
    }

    /// One epoch with these logs at its end.
    fn epoch(&mut self, epoch: usize, logs: &Json) -> Result<Seen, String> {
        self.tell(|callback, run| callback.on_epoch_begin(epoch, run))?;
        let lr_during = self.learning_rate()?;
        let weight = Tensor::from([[epoch as f32]]);
        self.model.set_weights(&[weight]).map_err(message)?;
        let mut logs = logs_of(logs);
        let flow = self.tell(|callback, run| callback.on_epoch_end(epoch, &mut logs, run))?;
        Ok(Seen {
            lr_during,
            lr_after: self.learning_rate()?,
            logs,
            flow,
        })
    }

    fn weight(&self) -> Result<f32, String> {
        let weights = self.model.get_weights();
        weights[0].item::<f32>().map_err(message)
    }
}

fn logs_of(json: &Json) -> Logs {
    let mut logs = Logs::default();
    for (name, value) in entries(json) {
        logs.set(name, number(value));
    }
    logs
}

/// Equal to the last digit that F32 has, since learning rates are F32.
const EXACT: Tolerance = Tolerance {
    relative: 1e-7,
    absolute: 0.0,
};

fn same(what: &str, got: f64, wanted: &Json) -> Result<(), String> {
    EXACT.check_number(what, got, number(wanted))
}

/// Equal numbers, texts or nulls; a state writes numbers that JSON lacks as texts, as the cases do.
fn same_json(what: &str, got: Option<&Json>, wanted: &Json) -> Result<(), String> {
    match (got, wanted) {
        (None, Json::Null) => Ok(()),
        (Some(got), wanted) if !wanted.is_null() => same(what, number(got), wanted),
        (got, wanted) => Err(format!("{what}: expected {wanted}; got {got:?}")),
    }
}

/// Compares an epoch with the trace of Keras.
fn compare(driver: &Driver, epoch: usize, seen: &Seen, trace: &Json) -> Result<(), String> {
    let what = |name: &str| format!("{name} of epoch {epoch}");
    same(&what("lr_during"), seen.lr_during, &trace["lr_during"])?;
    same(&what("lr_after"), seen.lr_after, &trace["lr_after"])?;
    let wanted = logs_of(&trace["logs_after"]);
    let (got, names): (Vec<&str>, Vec<&str>) =
        (seen.logs.names().collect(), wanted.names().collect());
    if got != names {
        return Err(format!("{}: expected {names:?}; got {got:?}", what("logs")));
    }
    for ((name, got), (_, wanted)) in seen.logs.iter().zip(wanted.iter()) {
        EXACT.check_number(&what(name), got, wanted)?;
    }
    let state = driver.callbacks[0].get_state();
    for (key, wanted) in entries(&trace["state"]) {
        same_json(&what(key), state.config.get(key), wanted)?;
    }
    Ok(())
}

/// Drives callbacks through the logs of a case until one of them stops; gives the driver and each epoch.
fn drive(case: &Case, callbacks: Vec<Box<dyn Callback>>) -> Result<(Driver, Vec<Seen>), String> {
    let initial = case.get("initial_lr").as_f64().unwrap_or(0.1);
    let mut driver = Driver::new(callbacks, initial)?;
    let logs = list(case.get("logs"));
    driver.epochs = logs.len();
    let trace = case.expected("trace");
    let mut all = Vec::new();
    for (epoch, logs) in logs.iter().enumerate() {
        let seen = driver.epoch(epoch, logs)?;
        if let Some(trace) = trace.get(epoch) {
            compare(&driver, epoch, &seen, trace)?;
        }
        let flow = seen.flow;
        all.push(seen);
        if flow == Flow::StopTraining {
            break;
        }
    }
    let last = all.last().map(|seen| seen.logs.clone()).unwrap_or_default();
    // Keras's learning rate at the end is that before the last hook.
    driver.tell(|callback, run| callback.on_train_end(&last, run))?;
    Ok((driver, all))
}

fn early_stopping(case: &Case) -> Result<(), String> {
    let expected = [
        "epochs_run",
        "stop_training",
        "stopped_epoch",
        "best",
        "best_epoch",
        "weights_from_epoch",
        "trace",
    ];
    case.only(&["class", "config", "logs"], &expected)?;
    let (driver, seen) = drive(case, vec![callback(case.json())?])?;
    same("epochs_run", seen.len() as f64, case.expected("epochs_run"))?;
    let stopped = seen
        .last()
        .is_some_and(|seen| seen.flow == Flow::StopTraining);
    if Some(stopped) != case.expected("stop_training").as_bool() {
        return Err(format!("stop_training: got {stopped}"));
    }
    let state = driver.callbacks[0].get_state().config;
    for key in ["stopped_epoch", "best", "best_epoch"] {
        same_json(key, state.get(key), case.expected(key))?;
    }
    let weight = f64::from(driver.weight()?);
    same(
        "weights_from_epoch",
        weight,
        case.expected("weights_from_epoch"),
    )
}

fn rates(seen: &[Seen], wanted: &Json) -> Result<(), String> {
    let wanted = list(wanted);
    if seen.len() != wanted.len() {
        return Err(format!("{} epochs instead of {}", seen.len(), wanted.len()));
    }
    for (epoch, (seen, wanted)) in seen.iter().zip(wanted).enumerate() {
        same(&format!("rate of epoch {epoch}"), seen.lr_during, wanted)?;
    }
    Ok(())
}

fn plateau(case: &Case) -> Result<(), String> {
    let keys = ["class", "config", "initial_lr", "logs"];
    case.only(&keys, &["lr_per_epoch", "final_lr", "trace"])?;
    let (driver, seen) = drive(case, vec![callback(case.json())?])?;
    rates(&seen, case.expected("lr_per_epoch"))?;
    same(
        "final_lr",
        driver.learning_rate()?,
        case.expected("final_lr"),
    )
}

fn combined(case: &Case) -> Result<(), String> {
    let keys = ["class", "callbacks", "initial_lr", "logs"];
    case.only(
        &keys,
        &[
            "epochs_run",
            "lr_per_epoch",
            "final_lr",
            "trace",
            "stop_training",
        ],
    )?;
    let callbacks = list(case.get("callbacks")).iter().map(callback);
    let (_, seen) = drive(case, callbacks.collect::<Result<_, _>>()?)?;
    same("epochs_run", seen.len() as f64, case.expected("epochs_run"))?;
    rates(&seen, case.expected("lr_per_epoch"))
}

fn scheduler(case: &Case) -> Result<(), String> {
    let keys = ["class", "schedule", "initial_lr", "epochs"];
    case.only(&keys, &["lr_per_epoch", "logs_lr"])?;
    let mut driver = Driver::new(vec![callback(case.json())?], number(case.get("initial_lr")))?;
    let mut seen = Vec::new();
    for epoch in 0..size(case.get("epochs")) {
        seen.push(driver.epoch(epoch, &Json::Null)?);
    }
    rates(&seen, case.expected("lr_per_epoch"))?;
    for (seen, wanted) in seen.iter().zip(list(case.expected("logs_lr"))) {
        let logged = seen
            .logs
            .get("learning_rate")
            .ok_or("no learning_rate is logged")?;
        same("logged rate", logged, wanted)?;
    }
    Ok(())
}

fn terminate(case: &Case) -> Result<(), String> {
    case.only(&["class", "config", "batch_losses"], &["stopped_at_batch"])?;
    let mut driver = Driver::new(vec![callback(case.json())?], 0.1)?;
    let mut stopped = Json::Null;
    for (batch, loss) in list(case.get("batch_losses")).iter().enumerate() {
        let mut logs = Logs::default();
        logs.set("loss", number(loss));
        let flow = driver.tell(|callback, run| callback.on_train_batch_end(batch, &logs, run))?;
        if flow == Flow::StopTraining {
            stopped = Json::from(batch);
            break;
        }
    }
    let wanted = case.expected("stopped_at_batch");
    (stopped == *wanted)
        .then_some(())
        .ok_or_else(|| format!("stopped_at_batch: expected {wanted}; got {stopped}"))
}

/// A folder of its own that goes away with the value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("hornblende-parity-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary folder can be made");
        Self(path)
    }

    /// The files there are; they are removed.
    fn take(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).expect("the folder is there");
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.expect("an entry can be read");
            names.push(entry.file_name().to_string_lossy().into_owned());
            std::fs::remove_file(entry.path()).expect("a file can be removed");
        }
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left over in the temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn csv(case: &Case) -> Result<(), String> {
    case.only(&["class", "config", "logs", "runs"], &["text"])?;
    let folder = Folder::new();
    let path = folder.0.join("log.csv").display().to_string();
    let config = config(case.get("config")).with("filename", path.as_str());
    for _ in 0..size(case.get("runs")) {
        let logger = callbacks::from_config("CSVLogger", &config).map_err(message)?;
        drive(case, vec![logger])?;
    }
    let text_written = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let wanted = text(case.expected("text"));
    if text_written == wanted {
        return Ok(());
    }
    Err(format!("text: expected {wanted:?}; got {text_written:?}"))
}

fn checkpoint(case: &Case) -> Result<(), String> {
    let keys = ["class", "config", "logs", "steps_per_epoch", "epochs"];
    case.only(&keys, &["saved_epochs", "saved", "best", "trace"])?;
    let folder = Folder::new();
    let config = config(case.get("config"));
    let pattern = config
        .text("filepath")
        .map_err(message)?
        .unwrap_or_default();
    let path = folder.0.join(pattern).display().to_string();
    let keep = callbacks::from_config("ModelCheckpoint", &config.with("filepath", path));
    let mut driver = Driver::new(vec![keep.map_err(message)?], 0.1)?;
    if case.get("logs").is_null() {
        return checkpoint_by_batches(case, &mut driver, &folder);
    }
    let (mut saved, mut epochs) = (Vec::new(), Vec::new());
    for (epoch, logs) in list(case.get("logs")).iter().enumerate() {
        driver.epoch(epoch, logs)?;
        for name in folder.take() {
            let kind = match name.ends_with(".weights.h5") {
                true => "weights",
                false => "model",
            };
            saved.push(Json::from(vec![Json::from(kind), Json::from(name)]));
            epochs.push(Json::from(epoch));
        }
    }
    let equal = |what: &str, got: Vec<Json>| {
        let (got, wanted) = (Json::from(got), case.expected(what));
        (got == *wanted)
            .then_some(())
            .ok_or_else(|| format!("{what}: expected {wanted}; got {got}"))
    };
    equal("saved_epochs", epochs)?;
    equal("saved", saved)?;
    let state = driver.callbacks[0].get_state().config;
    same_json("best", state.get("best"), case.expected("best"))
}

fn checkpoint_by_batches(case: &Case, driver: &mut Driver, folder: &Folder) -> Result<(), String> {
    let mut saved = Vec::new();
    for epoch in 0..size(case.get("epochs")) {
        driver.tell(|callback, run| callback.on_epoch_begin(epoch, run))?;
        for batch in 0..size(case.get("steps_per_epoch")) {
            let logs = Logs::default();
            driver.tell(|callback, run| callback.on_train_batch_end(batch, &logs, run))?;
            saved.extend(folder.take());
        }
        let mut logs = Logs::default();
        driver.tell(|callback, run| callback.on_epoch_end(epoch, &mut logs, run))?;
        saved.extend(folder.take());
    }
    let (got, wanted) = (Json::from(saved), case.expected("saved"));
    (got == *wanted)
        .then_some(())
        .ok_or_else(|| format!("saved: expected {wanted}; got {got}"))
}

#[test]
fn a_state_that_is_taken_over_makes_a_callback_go_on_as_before() {
    let config = Config::new().with("patience", 2).with("monitor", "loss");
    for class in ["EarlyStopping", "ReduceLROnPlateau"] {
        let new = || callbacks::from_config(class, &config).unwrap();
        let json = |loss: f64| Json::Object(Config::new().with("loss", loss).0);
        let mut whole = Driver::new(vec![new()], 0.1).unwrap();
        let mut first = Driver::new(vec![new()], 0.1).unwrap();
        for (epoch, loss) in [0.5, 0.6].into_iter().enumerate() {
            whole.epoch(epoch, &json(loss)).unwrap();
            first.epoch(epoch, &json(loss)).unwrap();
        }
        let mut second = Driver::new(vec![new()], 0.1).unwrap();
        let state = first.callbacks[0].get_state();
        second.callbacks[0].set_state(&state).unwrap();
        let (a, b) = (
            whole.epoch(2, &json(0.7)).unwrap(),
            second.epoch(2, &json(0.7)).unwrap(),
        );
        assert_eq!((a.flow, a.lr_after), (b.flow, b.lr_after), "{class}");
        assert_eq!(
            whole.callbacks[0].get_state(),
            second.callbacks[0].get_state()
        );
    }
}
