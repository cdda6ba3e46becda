//! fit, evaluate and predict as a user meets them.
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use hornblende::prelude::*;
use hornblende::random;
use hornblende::terminal::Terminal;

/// What was written, readable after the call.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// The text with every time replaced by `T`.
    fn text(&self) -> String {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let is_time = |word: &str| {
            let word = word.trim_end_matches("/step");
            let digits = word.trim_end_matches(|c: char| "smu\u{b5}".contains(c));
            digits.len() < word.len() && digits.parse::<f64>().is_ok()
        };
        let line = |line: &str| {
            let words = line.split(' ');
            let words: Vec<&str> = words.map(|w| if is_time(w) { "T" } else { w }).collect();
            words.join(" ")
        };
        text.split('\n').map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A model that always answers 0, so that its numbers are known.
fn zero() -> Model {
    let inputs = Input::new([2]).name("x");
    let dense = Dense::new(1).kernel_initializer("zeros").name("answer");
    let outputs = dense.call(&inputs).unwrap();
    Model::new(&inputs, &outputs).unwrap()
}

/// Compiled so that nothing is ever learned.
fn frozen() -> Model {
    let mut model = zero();
    let optimizer = SGD::new().learning_rate(0.0);
    let options = Compile::new()
        .optimizer(optimizer)
        .loss("mse")
        .metrics(["mae"]);
    model.compile(options).unwrap();
    model
}

fn x(rows: usize) -> Tensor {
    Tensor::ones([rows, 2], DType::F32)
}

/// Labels 1, 2, .., `rows`.
fn y(rows: usize) -> Tensor {
    Tensor::from_vec([rows, 1], (1..=rows).map(|k| k as f32).collect())
}

#[test]
fn a_pipe_gets_the_lines_of_keras() {
    let written = Written::default();
    let options = Fit::new()
        .epochs(2)
        .batch_size(2)
        .validation_data((&x(1), &y(1)))
        .terminal(Terminal::plain())
        .writer(written.clone());
    frozen().fit((&x(3), &y(3)), options).unwrap();
    let line = "2/2 ━━━━━━━━━━━━━━━━━━━━ T T - loss: 4.6667 - mae: 2.0000 - val_loss: 1.0000 - val_mae: 1.0000\n";
    assert_eq!(
        written.text(),
        format!("Epoch 1/2\n{line}Epoch 2/2\n{line}")
    );

    let written = Written::default();
    let options = Evaluate::new()
        .verbose(2)
        .terminal(Terminal::plain())
        .writer(written.clone());
    frozen().evaluate((&x(3), &y(3)), options).unwrap();
    assert_eq!(written.text(), "1/1 - T - T - loss: 4.6667 - mae: 2.0000\n");

    let written = Written::default();
    let options = Predict::new()
        .batch_size(2)
        .terminal(Terminal::plain())
        .writer(written.clone());
    frozen().predict(x(3), options).unwrap();
    assert_eq!(written.text(), "2/2 ━━━━━━━━━━━━━━━━━━━━ T T\n");
}

#[test]
fn the_loss_of_an_epoch_is_the_mean_over_its_samples() {
    // Batches of 2 and 1: the mean of the batches' means would be (2.5 + 9) / 2.
    let history = frozen()
        .fit((&x(3), &y(3)), Fit::new().batch_size(2).verbose(0))
        .unwrap();
    assert!(
        (history["loss"][0] - 14.0 / 3.0).abs() < 1e-6,
        "{}",
        history.history()
    );
}

#[test]
fn the_validation_split_takes_the_last_rows_before_shuffling() {
    let options = Fit::new().validation_split(0.25).verbose(0);
    let history = frozen().fit((&x(4), &y(4)), options).unwrap();
    assert!((history["val_loss"][0] - 16.0).abs() < 1e-5);
    assert!((history["loss"][0] - 14.0 / 3.0).abs() < 1e-5);
}

#[test]
fn validation_runs_in_the_epochs_that_its_frequency_names() {
    let options = || {
        let options = Fit::new().epochs(5).verbose(0);
        options.validation_data((&x(1), &y(1)))
    };
    let validations = |options| {
        let history = frozen().fit((&x(3), &y(3)), options).unwrap();
        assert_eq!(history["loss"].len(), 5);
        history["val_loss"].len()
    };
    assert_eq!(validations(options().validation_freq(2)), 2);
    assert_eq!(validations(options().validation_freq([1, 3, 4, 9])), 3);
}

#[test]
fn a_cut_epoch_goes_on_where_the_last_one_ended() {
    let options = Fit::new()
        .batch_size(1)
        .epochs(3)
        .steps_per_epoch(2)
        .shuffle(false)
        .verbose(0);
    let history = frozen().fit((&x(3), &y(3)), options).unwrap();
    // Labels 1 and 2; then 3, where the data end; then 1 and 2 again.
    assert_eq!(history["mae"], [1.5, 3.0, 1.5]);
}

#[test]
fn the_first_epoch_can_be_a_later_one() {
    let options = Fit::new().epochs(5).initial_epoch(3).verbose(0);
    let history = frozen().fit((&x(3), &y(3)), options).unwrap();
    assert_eq!(history.epoch, [3, 4]);
}

#[test]
fn data_of_other_types_are_converted() {
    let mut model = frozen();
    let bytes = Tensor::ones([3, 2], DType::U8);
    let labels = Tensor::from_vec([3], vec![1.0f64, 2.0, 3.0]);
    let results = model
        .evaluate((&bytes, &labels), Evaluate::new().verbose(0))
        .unwrap();
    assert!((results["mae"] - 2.0).abs() < 1e-6);
    let predictions = model.predict(&bytes, Predict::new().verbose(0)).unwrap();
    assert_eq!(predictions.dtype(), DType::F32);
}

#[test]
fn a_learning_rate_that_is_set_later_counts() {
    let mut model = zero();
    let optimizer = Arc::new(SGD::new().learning_rate(0.0));
    model
        .compile(Compile::new().optimizer(optimizer.clone()).loss("mse"))
        .unwrap();
    let fit = |model: &mut Model| {
        model
            .fit((&x(4), &y(4)), Fit::new().epochs(2).verbose(0))
            .unwrap()
    };
    let still = fit(&mut model);
    assert_eq!(still["loss"][0], still["loss"][1]);
    optimizer.set_learning_rate(0.05).unwrap();
    let moving = fit(&mut model);
    assert!(moving["loss"][1] < moving["loss"][0]);
}

#[test]
fn a_model_without_input_shape_is_built_by_its_first_data() {
    let mut model = Sequential::new().add(Dense::new(3)).add(Dense::new(1));
    model
        .compile(Compile::new().optimizer("adam").loss("mse"))
        .unwrap();
    let history = model.fit((&x(4), &y(4)), Fit::new().verbose(0)).unwrap();
    assert!(history["loss"][0] > 0.0);
    assert_eq!(model.count_params(), 2 * 3 + 3 + 3 + 1);
}

#[test]
fn inputs_and_outputs_go_by_name_or_by_place() {
    let (a, b) = (Input::new([2]).name("a"), Input::new([1]).name("b"));
    let sum = Concatenate::new().call([a.tensor(), b.tensor()]).unwrap();
    let first = Dense::new(1).name("first").call(&sum).unwrap();
    let second = Dense::new(2).name("second").call(&sum).unwrap();
    let mut model = Model::new([a.tensor(), b.tensor()], [&first, &second]).unwrap();
    let options = Compile::new()
        .loss_for("second", "mse")
        .metrics_for("second", ["mae"]);
    model.compile(options).unwrap();
    let labels = Tensor::ones([4, 2], DType::F32);
    let quiet = || Evaluate::new().verbose(0);
    let named = model.evaluate(
        ([("b", &y(4)), ("a", &x(4))], [("second", &labels)]),
        quiet(),
    );
    let named = named.unwrap();
    let unused = y(4);
    let placed = model
        .evaluate(((&x(4), &y(4)), [&unused, &labels]), quiet())
        .unwrap();
    assert_eq!(named, placed);
    // The only loss is that of the model.
    assert_eq!(named.names(), ["loss", "second_mae"]);
    let predictions = model
        .predict_all((&x(4), &y(4)), Predict::new().verbose(0))
        .unwrap();
    assert_eq!(predictions[1].shape().dims(), [4, 2]);
}

#[test]
fn the_same_data_in_one_or_in_many_batches_predict_the_same() {
    random::set_seed(3);
    let inputs = Input::new([5]);
    let h = Dense::new(7).activation("tanh").call(&inputs).unwrap();
    let outputs = Dense::new(2).call(&h).unwrap();
    let mut model = Model::new(&inputs, &outputs).unwrap();
    let x = Tensor::from_vec([11, 5], (0..55).map(|k| (k as f32).sin()).collect());
    let mut by = |batch: usize| {
        let options = Predict::new().batch_size(batch).verbose(0);
        model.predict(&x, options).unwrap().to_vec::<f32>().unwrap()
    };
    let whole = by(11);
    assert_eq!(whole, by(4));
    assert_eq!(whole, by(1));
}

/// The mean of the labels, whatever is predicted.
fn mean_label(y_true: &Tensor, _y_pred: &Tensor) -> Tensor {
    y_true.mean(-1)
}

#[test]
fn metrics_may_be_names_values_functions_and_named_closures() {
    let mut model = zero();
    let largest = |y_true: &Tensor, _: &Tensor| y_true.max(..);
    let options = Compile::new().loss("mse").metrics((
        "mae",
        RootMeanSquaredError::new().name("rmse"),
        mean_label,
        ("largest", largest),
        Precision::new().thresholds([0.0, 0.5]),
        AUC::new(),
    ));
    model.compile(options).unwrap();
    let results = model
        .evaluate((&x(3), &y(3)), Evaluate::new().verbose(0))
        .unwrap();
    let wanted = [
        ("mae", 2.0),
        ("rmse", (14.0f64 / 3.0).sqrt()),
        ("mean_label", 2.0),
        ("largest", 3.0),
        ("precision", 0.0),
        ("auc", 0.0),
    ];
    for (name, value) in wanted {
        let got = results.get(name).unwrap();
        assert!((got - value).abs() < 1e-6, "{name}: {got}");
    }

    // One of each alone: an array of functions, of pairs, by output, weighted.
    let options = Compile::new().loss("mse").metrics([mean_label]);
    model.compile(options).unwrap();
    let options = Compile::new().loss("mse").metrics([("largest", largest)]);
    model.compile(options).unwrap();
    let options = Compile::new().loss("mse").metrics([("answer", ["mae"])]);
    model.compile(options).unwrap();
    let options = Compile::new().loss("mse").weighted_metrics([mean_label]);
    model.compile(options).unwrap();
    let weights = Tensor::from([0.0f32, 0.0, 5.0]);
    let options = Evaluate::new().verbose(0).sample_weight(&weights);
    let results = model.evaluate((&x(3), &y(3)), options).unwrap();
    assert!((results.get("mean_label").unwrap() - 3.0).abs() < 1e-6);
}

#[test]
fn a_metric_with_an_argument_out_of_range_is_refused_by_compile() {
    let options = Compile::new()
        .loss("mse")
        .metrics([Precision::new().thresholds(1.5)]);
    let text = zero().compile(options).unwrap_err().to_string();
    assert!(
        text.contains("Precision::thresholds") && text.contains("1.5"),
        "{text}"
    );
}

/// Two outputs of which the first alone has a loss.
fn two_outputs() -> Model {
    let inputs = Input::new([2]).name("x");
    let output = |name: &str| {
        Dense::new(1)
            .kernel_initializer("ones")
            .name(name)
            .call(&inputs)
            .unwrap()
    };
    Model::new(&inputs, [output("p"), output("q")]).unwrap()
}

#[test]
fn the_loss_of_the_only_output_that_has_one_is_the_loss() {
    let mut model = two_outputs();
    model
        .compile(Compile::new().loss_for("p", "mse").loss_weights(0.5))
        .unwrap();
    let data = (&x(2), [("p", y(2))]);
    let history = model.fit(data, Fit::new().verbose(0)).unwrap();
    assert_eq!(history.history().names().collect::<Vec<_>>(), ["loss"]);
}

#[test]
fn an_output_without_a_loss_is_null_in_a_description() {
    let mut model = two_outputs();
    let config = r#"{"optimizer": "sgd", "loss": [null, "mse"], "metrics": [["mae"], null]}"#;
    let config = hornblende::config::Config(serde_json::from_str(config).unwrap());
    model.compile_from_config(&config).unwrap();
    let data = (&x(2), [("p", y(2)), ("q", y(2))]);
    let history = model.fit(data, Fit::new().verbose(0)).unwrap();
    assert_eq!(
        history.history().names().collect::<Vec<_>>(),
        ["loss", "p_mae"]
    );
}
