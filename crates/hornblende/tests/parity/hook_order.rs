//! The order of the hooks and the names in their logs.

use hornblende::config::Json;
use hornblende::prelude::*;

use super::case::Case;
use super::reading::{list, message, size};

/// Writes down hooks as the cases do: name, number, sorted names in the logs.
#[derive(Default)]
struct Recorder {
    hooks: Vec<Json>,
    params: Json,
}

impl Recorder {
    fn note(&mut self, hook: &str, number: Option<usize>, names: Vec<&str>) -> Result<Flow> {
        let mut names = names;
        names.sort_unstable();
        let number = number.map_or(Json::Null, Json::from);
        self.hooks.push(Json::from(vec![
            Json::from(hook),
            number,
            Json::from(names),
        ]));
        Ok(Flow::Continue)
    }
}

impl Callback for Recorder {
    fn on_train_begin(&mut self, run: &mut Run) -> Result<Flow> {
        let config = hornblende::config::Config::new()
            .with("verbose", run.verbose() as usize)
            .with("epochs", run.epochs())
            .with("steps", run.steps().map_or(Json::Null, Json::from));
        self.params = Json::Object(config.0);
        self.note("on_train_begin", None, vec![])
    }
    fn on_train_end(&mut self, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("on_train_end", None, logs.names().collect())
    }
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Run) -> Result<Flow> {
        self.note("on_epoch_begin", Some(epoch), vec![])
    }
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Run) -> Result<Flow> {
        self.note("on_epoch_end", Some(epoch), logs.names().collect())
    }
    fn on_train_batch_begin(&mut self, batch: usize, _: &mut Run) -> Result<Flow> {
        self.note("on_train_batch_begin", Some(batch), vec![])
    }
    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("on_train_batch_end", Some(batch), logs.names().collect())
    }
    fn on_test_begin(&mut self, _: &mut Run) -> Result<Flow> {
        self.note("on_test_begin", None, vec![])
    }
    fn on_test_end(&mut self, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("on_test_end", None, logs.names().collect())
    }
    fn on_test_batch_begin(&mut self, batch: usize, _: &mut Run) -> Result<Flow> {
        self.note("on_test_batch_begin", Some(batch), vec![])
    }
    fn on_test_batch_end(&mut self, batch: usize, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("on_test_batch_end", Some(batch), logs.names().collect())
    }
    fn on_predict_begin(&mut self, _: &mut Run) -> Result<Flow> {
        self.note("on_predict_begin", None, vec![])
    }
    fn on_predict_end(&mut self, _: &mut Run) -> Result<Flow> {
        self.note("on_predict_end", None, vec![])
    }
    fn on_predict_batch_begin(&mut self, batch: usize, _: &mut Run) -> Result<Flow> {
        self.note("on_predict_batch_begin", Some(batch), vec![])
    }
    fn on_predict_batch_end(&mut self, batch: usize, _: &mut Run) -> Result<Flow> {
        // Keras's logs hold the outputs themselves here; ours hold numbers only, so there is nothing in them.
        self.note("on_predict_batch_end", Some(batch), vec!["outputs"])
    }
}

pub(crate) fn check(case: &Case) -> Result<(), String> {
    let keys = [
        "class",
        "n_samples",
        "batch_size",
        "epochs",
        "validation_samples",
        "validation_batch_size",
        "evaluate_batch_size",
        "predict_batch_size",
    ];
    let expected = ["fit", "evaluate", "predict", "fit_params", "history_keys"];
    case.only(&keys, &expected)?;
    let [fit, evaluate, predict, keys] = record(case).map_err(message)?;
    equal("fit", &fit.hooks, case.expected("fit"))?;
    equal("evaluate", &evaluate.hooks, case.expected("evaluate"))?;
    equal("predict", &predict.hooks, case.expected("predict"))?;
    equal("history_keys", &keys.hooks, case.expected("history_keys"))?;
    let (got, wanted) = (&fit.params, case.expected("fit_params"));
    (got == wanted)
        .then_some(())
        .ok_or_else(|| format!("params: expected {wanted}; got {got}"))
}

/// What is heard of `fit`, `evaluate` and `predict`, and the keys of the history.
fn record(case: &Case) -> Result<[Recorder; 4]> {
    let number = |key: &str| size(case.get(key));
    let inputs = Input::new([2]);
    let outputs = Dense::new(1).activation("sigmoid").call(&inputs)?;
    let mut model = Model::new(&inputs, &outputs)?;
    model.compile(Compile::new().loss("mse").metrics(["mae", "accuracy"]))?;
    let data = |rows: usize| {
        (
            Tensor::ones([rows, 2], DType::F32),
            Tensor::zeros([rows, 1], DType::F32),
        )
    };
    let (x, y) = data(number("n_samples"));
    let (x_val, y_val) = data(number("validation_samples"));
    let mut seen: [Recorder; 4] = Default::default();
    let options = Fit::new()
        .batch_size(number("batch_size"))
        .epochs(number("epochs"))
        .validation_data((&x_val, &y_val))
        .validation_batch_size(number("validation_batch_size"));
    let history = model.fit((&x, &y), options.verbose(0).callbacks(&mut seen[0]))?;
    let options = Evaluate::new().batch_size(number("evaluate_batch_size"));
    model.evaluate((&x, &y), options.verbose(0).callbacks(&mut seen[1]))?;
    let options = Predict::new().batch_size(number("predict_batch_size"));
    model.predict(&x, options.verbose(0).callbacks(&mut seen[2]))?;
    let mut keys: Vec<&str> = history.history().names().collect();
    keys.sort_unstable();
    seen[3].hooks = keys.into_iter().map(Json::from).collect();
    Ok(seen)
}

fn equal(what: &str, got: &[Json], wanted: &Json) -> Result<(), String> {
    for (k, wanted) in list(wanted).iter().enumerate() {
        if got.get(k) != Some(wanted) {
            return Err(format!(
                "{what}[{k}]: expected {wanted}; got {:?}",
                got.get(k)
            ));
        }
    }
    let (got, wanted) = (got.len(), list(wanted).len());
    if got == wanted {
        return Ok(());
    }
    Err(format!("{what}: expected {wanted} entries; got {got}"))
}
