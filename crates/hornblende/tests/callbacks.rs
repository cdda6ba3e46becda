//! Callbacks as `fit`, `evaluate` and `predict` tell them.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use hornblende::prelude::*;

/// Writes down which hooks are called with which names in the logs.
#[derive(Default)]
struct Recorder(Vec<String>);

impl Recorder {
    fn note(&mut self, hook: &str, number: Option<usize>, logs: &[&str]) -> Result<Flow> {
        let number = number.map_or_else(String::new, |n| format!(" {n}"));
        self.0.push(format!("{hook}{number} {logs:?}"));
        Ok(Flow::Continue)
    }
}

fn names(logs: &Logs) -> Vec<&str> {
    logs.names().collect()
}

impl Callback for Recorder {
    fn on_train_begin(&mut self, _: &mut Run) -> Result<Flow> {
        self.note("train_begin", None, &[])
    }
    fn on_train_end(&mut self, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("train_end", None, &names(logs))
    }
    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Run) -> Result<Flow> {
        self.note("epoch_begin", Some(epoch), &[])
    }
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _: &mut Run) -> Result<Flow> {
        self.note("epoch_end", Some(epoch), &names(logs))
    }
    fn on_train_batch_begin(&mut self, batch: usize, _: &mut Run) -> Result<Flow> {
        self.note("train_batch_begin", Some(batch), &[])
    }
    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("train_batch_end", Some(batch), &names(logs))
    }
    fn on_test_begin(&mut self, _: &mut Run) -> Result<Flow> {
        self.note("test_begin", None, &[])
    }
    fn on_test_end(&mut self, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("test_end", None, &names(logs))
    }
    fn on_test_batch_end(&mut self, batch: usize, logs: &Logs, _: &mut Run) -> Result<Flow> {
        self.note("test_batch_end", Some(batch), &names(logs))
    }
    fn on_predict_begin(&mut self, _: &mut Run) -> Result<Flow> {
        self.note("predict_begin", None, &[])
    }
    fn on_predict_batch_end(&mut self, batch: usize, _: &mut Run) -> Result<Flow> {
        self.note("predict_batch_end", Some(batch), &[])
    }
    fn on_predict_end(&mut self, _: &mut Run) -> Result<Flow> {
        self.note("predict_end", None, &[])
    }
}

fn model() -> Model {
    let inputs = Input::new([1]);
    let outputs = Dense::new(1).call(&inputs).unwrap();
    let mut model = Model::new(&inputs, &outputs).unwrap();
    let compile = Compile::new().optimizer(SGD::new()).loss("mse");
    model.compile(compile.metrics(["mae"])).unwrap();
    model
}

fn data() -> (Tensor, Tensor) {
    let x = Tensor::from([[0.0f32], [1.0], [2.0]]);
    (x.clone(), x * 2.0)
}

#[test]
fn hooks_come_in_order_with_the_logs_of_their_stage() {
    let (mut model, (x, y)) = (model(), data());
    let mut seen = Recorder::default();
    let options = Fit::new().batch_size(2).verbose(0).callbacks(&mut seen);
    model
        .fit((&x, &y), options.validation_data((&x, &y)))
        .unwrap();
    let wanted = [
        "train_begin []",
        "epoch_begin 0 []",
        "train_batch_begin 0 []",
        "train_batch_end 0 [\"loss\", \"mae\"]",
        "train_batch_begin 1 []",
        "train_batch_end 1 [\"loss\", \"mae\"]",
        "test_begin []",
        "test_batch_end 0 [\"loss\", \"mae\"]",
        "test_batch_end 1 [\"loss\", \"mae\"]",
        "test_end [\"loss\", \"mae\"]",
        "epoch_end 0 [\"loss\", \"mae\", \"val_loss\", \"val_mae\"]",
        "train_end [\"loss\", \"mae\", \"val_loss\", \"val_mae\"]",
    ];
    assert_eq!(seen.0, wanted);

    let mut seen = Recorder::default();
    let options = Predict::new().batch_size(2).verbose(0).callbacks(&mut seen);
    model.predict(&x, options).unwrap();
    let wanted = [
        "predict_begin []",
        "predict_batch_end 0 []",
        "predict_batch_end 1 []",
        "predict_end []",
    ];
    assert_eq!(seen.0, wanted);
}

/// Asks for a flow at one batch.
struct StopAt(usize, Flow);

impl Callback for StopAt {
    fn on_train_batch_end(&mut self, batch: usize, _: &Logs, _: &mut Run) -> Result<Flow> {
        Ok(if batch == self.0 {
            self.1
        } else {
            Flow::Continue
        })
    }
}

#[test]
fn stopping_an_epoch_leaves_the_next_one_and_stopping_the_training_none() {
    for (flow, epochs) in [(Flow::StopEpoch, 3), (Flow::StopTraining, 1)] {
        let (mut model, (x, y)) = (model(), data());
        let mut seen = Recorder::default();
        let options = Fit::new().batch_size(1).epochs(3).verbose(0);
        let history = model
            .fit((&x, &y), options.callbacks((StopAt(0, flow), &mut seen)))
            .unwrap();
        assert_eq!(history.epoch.len(), epochs);
        let batches = seen.0.iter().filter(|s| s.starts_with("train_batch_end"));
        assert_eq!(batches.count(), epochs);
        assert!(seen.0.last().unwrap().starts_with("train_end"));
    }
}

/// Uses the model inside a hook.
#[derive(Default)]
struct Prober {
    losses: Vec<f64>,
}

impl Callback for Prober {
    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, run: &mut Run) -> Result<Flow> {
        let (x, y) = data();
        let loss = run.model.evaluate((&x, &y), Evaluate::new().verbose(0))?;
        self.losses.push(loss.loss());
        logs.set("probed", loss.loss());
        run.optimizer()?.set_learning_rate(0.0)?;
        Ok(Flow::Continue)
    }
}

#[test]
fn a_hook_may_evaluate_the_model_set_logs_and_change_the_learning_rate() {
    let (mut model, (x, y)) = (model(), data());
    let mut prober = Prober::default();
    let options = Fit::new().epochs(3).verbose(0).callbacks(&mut prober);
    let history = model.fit((&x, &y), options).unwrap();
    assert_eq!(history["probed"], prober.losses);
    // The learning rate is 0 after the first epoch.
    assert_eq!(prober.losses[0], prober.losses[2]);
    assert!(history["loss"][0] > history["loss"][1]);
}

/// Does what must not be done.
struct Recompiler;

impl Callback for Recompiler {
    fn on_epoch_begin(&mut self, _: usize, run: &mut Run) -> Result<Flow> {
        run.model.compile(Compile::new().loss("mae"))?;
        Ok(Flow::Continue)
    }
}

/// Fails.
struct Failing;

impl Callback for Failing {
    fn on_train_batch_begin(&mut self, batch: usize, _: &mut Run) -> Result<Flow> {
        Err(Error::data("Failing", "no batch", batch.to_string(), ""))
    }
}

#[test]
fn compiling_inside_a_run_is_refused_and_an_error_of_a_hook_is_returned() {
    let (mut model, (x, y)) = (model(), data());
    let error = model
        .fit((&x, &y), Fit::new().verbose(0).callbacks(Recompiler))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("a call of compile inside the run"),
        "{error}"
    );
    let error = model
        .fit((&x, &y), Fit::new().verbose(0).callbacks(Failing))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("Failing: expected no batch; got 0"),
        "{error}"
    );
    // The model is whole and can go on.
    model.fit((&x, &y), Fit::new().verbose(0)).unwrap();
}
