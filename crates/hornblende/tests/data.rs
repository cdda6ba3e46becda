//! Datasets in `fit`, `evaluate` and `predict`.
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use hornblende::data::{Dataset, Element, Shuffle};
use hornblende::prelude::*;

/// Seven samples of two numbers, and a sum of them.
fn samples() -> (Tensor, Tensor) {
    let x: Vec<f32> = (0..14).map(|k| (k as f32 * 0.7).sin()).collect();
    let y: Vec<f32> = x.chunks(2).map(|pair| pair[0] - 2.0 * pair[1]).collect();
    (Tensor::from_vec([7, 2], x), Tensor::from_vec([7, 1], y))
}

/// Class numbers for the samples.
fn classes() -> Tensor {
    Tensor::from([0i64, 1, 2, 1, 0, 2, 2])
}

/// A layer that begins with the same weights whatever other tests draw from the global seed.
fn dense(units: usize) -> Dense {
    Dense::new(units).kernel_initializer(GlorotUniform::new().seed(5))
}

fn regression() -> Model {
    let inputs = Input::new([2]);
    let hidden = dense(3).activation("tanh").call(&inputs).unwrap();
    let mut model = Model::new(&inputs, dense(1).call(&hidden).unwrap()).unwrap();
    let compile = Compile::new()
        .optimizer("adam")
        .loss("mse")
        .metrics(["mae"]);
    model.compile(compile).unwrap();
    model
}

fn classifier() -> Model {
    let inputs = Input::new([2]);
    let outputs = dense(3).activation("softmax").call(&inputs).unwrap();
    let mut model = Model::new(&inputs, &outputs).unwrap();
    let compile = Compile::new()
        .optimizer("sgd")
        .loss("sparse_categorical_crossentropy");
    model.compile(compile).unwrap();
    model
}

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Output {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

#[test]
fn a_dataset_of_batches_trains_evaluates_and_predicts_as_the_arrays_do() {
    let (x, y) = samples();
    let dataset = Dataset::from_tensor_slices((&x, &y)).batch(3);
    let options = || Fit::new().batch_size(3).epochs(4).shuffle(false).verbose(0);
    let (mut first, mut second) = (regression(), regression());
    let from_arrays = first
        .fit((&x, &y), options().validation_data((&x, &y)))
        .unwrap();
    let from_dataset = second
        .fit(&dataset, options().validation_data(&dataset))
        .unwrap();
    assert_eq!(from_arrays, from_dataset);
    assert_eq!(from_dataset["val_mae"].len(), 4);

    let arrays = first
        .evaluate((&x, &y), Evaluate::new().batch_size(3).verbose(0))
        .unwrap();
    let evaluated = second
        .evaluate(dataset.prefetch(2), Evaluate::new().verbose(0))
        .unwrap();
    assert_eq!(arrays.to_string(), evaluated.to_string());

    let arrays = first
        .predict(&x, Predict::new().batch_size(3).verbose(0))
        .unwrap();
    // Labels beside the inputs are left out.
    let predicted = second.predict(&dataset, Predict::new().verbose(0)).unwrap();
    assert_eq!(arrays.eval().unwrap(), predicted.eval().unwrap());
}

#[test]
fn weights_of_samples_and_of_classes_count_in_a_dataset_too() {
    let (x, y) = (samples().0, classes());
    let weights = Tensor::from([1.0f32, 0.5, 2.0, 1.0, 0.0, 1.0, 3.0]);
    let options = || Fit::new().batch_size(3).epochs(2).shuffle(false).verbose(0);
    let arrays = classifier().fit((&x, &y, &weights), options()).unwrap();
    let weighted = Dataset::from_tensor_slices((&x, &y, &weights)).batch(3);
    assert_eq!(classifier().fit(weighted, options()).unwrap(), arrays);

    let classes = [(0, 2.0), (2, 0.5)];
    let arrays = classifier()
        .fit((&x, &y), options().class_weight(classes))
        .unwrap();
    let dataset = Dataset::from_tensor_slices((&x, &y)).batch(3);
    let from_dataset = classifier()
        .fit(dataset, options().class_weight(classes))
        .unwrap();
    assert_eq!(from_dataset, arrays);
}

#[test]
fn a_dataset_of_unknown_length_is_shown_as_keras_shows_it() {
    let (x, y) = samples();
    let dataset = Dataset::from_tensor_slices((&x, &y))
        .filter(|_: Element| Ok(true))
        .batch(2);
    let output = Output::default();
    let terminal = hornblende::terminal::Terminal::fixed(80, false);
    let options = Fit::new()
        .epochs(2)
        .terminal(terminal)
        .writer(output.clone());
    let history = regression().fit(dataset, options).unwrap();
    let shown = output.text();
    assert!(shown.contains("1/Unknown"), "{shown}");
    assert!(shown.contains("4/4"), "{shown}");
    let second = shown.split("Epoch 2/2").nth(1).unwrap();
    assert!(!second.contains("Unknown"), "{shown}");
    assert_eq!(history["loss"].len(), 2);
}

#[test]
fn an_endless_dataset_needs_a_number_of_steps_and_goes_on_between_epochs() {
    let (x, y) = samples();
    let endless = Dataset::from_tensor_slices((&x, &y)).repeat(None).batch(2);
    let mut model = regression();
    let error = model
        .fit(&endless, Fit::new().verbose(0))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("steps_per_epoch for a dataset without end"),
        "{error}"
    );
    let error = model
        .evaluate(&endless, Evaluate::new().verbose(0))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("steps for a dataset without end"),
        "{error}"
    );

    let options = || Fit::new().epochs(3).verbose(0);
    let by_steps = regression()
        .fit(&endless, options().steps_per_epoch(2))
        .unwrap();
    // The same twelve samples, four an epoch.
    let twelve = Dataset::from_tensor_slices((&x, &y))
        .repeat(None)
        .take(12)
        .batch(2);
    let finite = regression()
        .fit(&twelve, options().steps_per_epoch(2))
        .unwrap();
    assert_eq!(by_steps, finite);
    assert_eq!(by_steps["loss"].len(), 3);
}

#[test]
fn steps_per_epoch_that_divide_the_dataset_begin_it_anew() {
    let (x, y) = samples();
    let four = || Dataset::from_tensor_slices((&x, &y)).take(4);
    let options = || Fit::new().epochs(4).steps_per_epoch(1).verbose(0);
    let known = regression().fit(four().batch(2), options()).unwrap();
    let unknown = four().filter(|_: Element| Ok(true)).batch(2);
    assert_eq!(regression().fit(unknown, options()).unwrap(), known);
    let arrays = options().batch_size(2).shuffle(false);
    let x = x.slice(0..4);
    let y = y.slice(0..4);
    assert_eq!(regression().fit((&x, &y), arrays).unwrap(), known);
}

const CHILD: &str = "HORNBLENDE_TEST_ASKS_FOR_TOO_MANY_STEPS";

/// Not a claim of its own: the other test reads what it writes to standard error.
#[test]
fn asks_for_too_many_steps_when_told_so() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let (x, y) = samples();
    let four = || Dataset::from_tensor_slices((&x, &y)).batch(2);
    let mut model = regression();
    let fit = |epochs| Fit::new().epochs(epochs).verbose(0);
    let history = model.fit(four(), fit(3).steps_per_epoch(6)).unwrap();
    assert_eq!(history["loss"].len(), 3);
    let unknown = four().filter(|_: Element| Ok(true));
    model.fit(unknown, fit(3).steps_per_epoch(5)).unwrap();
    // Three steps, and then the one that is left.
    model.fit(four(), fit(2).steps_per_epoch(3)).unwrap();
    let validated = fit(2).validation_data(four()).validation_steps(7);
    model.fit((&x, &y), validated).unwrap();
    let options = || Evaluate::new().verbose(0);
    let all = model.evaluate(four(), options()).unwrap();
    let more = model.evaluate(four(), options().steps(8)).unwrap();
    assert_eq!(all, more);
    let predict = Predict::new().steps(9).verbose(0);
    assert_eq!(model.predict(four(), predict).unwrap().shape()[0], 7);

    // As many as there are is not too many, and neither are fewer.
    model.fit(four(), fit(2).steps_per_epoch(4)).unwrap();
    model.fit(four(), fit(2).steps_per_epoch(2)).unwrap();
    model.evaluate(four(), options().steps(4)).unwrap();
}

#[test]
fn data_that_run_out_before_the_steps_do_are_told_once_a_run() {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "asks_for_too_many_steps_when_told_so"])
        .arg("--nocapture")
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    let told = text.lines().filter(|line| line.contains("ran out of data"));
    let told: Vec<&str> = told
        .map(|line| &line[..line.find(" steps").unwrap()])
        .collect();
    let wanted = [
        "warning: fit: your input ran out of data after 4 of 6",
        "warning: fit: your input ran out of data after 4 of 5",
        "warning: fit: your input ran out of data after 1 of 3",
        "warning: fit: validation data: your input ran out of data after 4 of 7",
        "warning: evaluate: your input ran out of data after 4 of 8",
        "warning: predict: your input ran out of data after 4 of 9",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn an_error_in_the_middle_of_a_dataset_is_returned_with_its_place() {
    let (x, y) = samples();
    let failing = |at: i64| {
        let numbered = Dataset::from_tensor_slices((&x, &y)).enumerate();
        numbered.map(move |(k, row): (i64, Element)| match k {
            k if k == at => Err(Error::data("photo.png", "a picture", "noise", "")),
            _ => Ok(row),
        })
    };
    for dataset in [failing(5).batch(2), failing(5).batch(2).prefetch(2)] {
        let error = regression()
            .fit(dataset, Fit::new().verbose(0))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("photo.png: expected a picture"),
            "{error}"
        );
        assert!(error.contains("(element 2 of the dataset"), "{error}");
        assert!(error.contains("tests/data.rs:"), "{error}");
    }
}

#[test]
fn batches_that_do_not_fit_are_errors_that_say_which() {
    let (x, y) = samples();
    let good = Dataset::from_tensor_slices((&x, &y)).batch(2);
    let bad = Dataset::from_tensor_slices((&y, &x)).batch(2);
    let mut model = regression();
    let error = model
        .fit(good.concatenate(&bad), Fit::new().verbose(0))
        .unwrap_err()
        .to_string();
    assert!(error.contains("(batch 4 of the dataset"), "{error}");
    let error = model.fit(Dataset::from_tensor_slices((&x, &y)), Fit::new().verbose(0));
    assert!(error.is_err(), "rows are no batches");
    let error = model
        .fit(good.take(0), Fit::new().verbose(0))
        .unwrap_err()
        .to_string();
    assert!(error.contains("at least one batch"), "{error}");
    for options in [
        Fit::new().validation_split(0.5),
        Fit::new().sample_weight(&y),
    ] {
        let error = model
            .fit(&good, options.verbose(0))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("data that are arrays; got a dataset"),
            "{error}"
        );
    }
}

#[test]
fn inputs_and_labels_by_name_find_their_places() {
    let (x, y) = samples();
    let left = Input::new([2]).name("left");
    let right = Input::new([2]).name("right");
    let joined = Add::new().call([&left, &right]).unwrap();
    let output = Dense::new(1).name("sum").call(&joined).unwrap();
    let mut model = Model::new([&left, &right], &output).unwrap();
    model.compile(Compile::new().loss("mse")).unwrap();
    let rows = Dataset::from_tensor_slices(([("right", &x), ("left", &x)], [("sum", &y)]));
    let history = model.fit(rows.batch(4), Fit::new().verbose(0)).unwrap();
    assert_eq!(history["loss"].len(), 1);
    let by_position = Dataset::from_tensor_slices(((&x, &x), &y)).batch(4);
    assert!(
        model
            .evaluate(by_position, Evaluate::new().verbose(0))
            .is_ok()
    );
}

#[test]
fn a_shuffled_dataset_trains_the_same_way_with_and_without_threads() {
    let (x, y) = samples();
    let dataset = || {
        Dataset::from_tensor_slices((&x, &y))
            .shuffle(Shuffle::new(7).seed(1))
            .batch(2)
    };
    let options = || Fit::new().epochs(3).verbose(0);
    let plain = regression().fit(dataset(), options()).unwrap();
    let ahead = regression().fit(dataset().prefetch(3), options()).unwrap();
    assert_eq!(plain, ahead);
}

/// Fails after so many batches of a run.
struct FailAfter(usize);

impl Callback for FailAfter {
    fn on_train_batch_end(&mut self, _batch: usize, _logs: &Logs, _run: &mut Run) -> Result<Flow> {
        if self.0 == 0 {
            return Err(Error::data("power", "some", "none", ""));
        }
        self.0 -= 1;
        Ok(Flow::Continue)
    }
}

#[test]
fn an_interrupted_run_goes_on_with_the_batches_that_would_have_followed() {
    let (x, y) = samples();
    let folder = std::env::temp_dir().join(format!("hornblende-data-{}", std::process::id()));
    let train = |batches: usize| {
        let rows = Dataset::from_tensor_slices((&x, &y));
        let validation = rows.shuffle(Shuffle::new(7).seed(8)).batch(3);
        let dataset = rows
            .shuffle(Shuffle::new(4).seed(3))
            .filter(|_: Element| Ok(true))
            .map_parallel(2, |element: Element| Ok(element))
            .batch(2)
            .prefetch(2);
        let mut model = regression();
        let backup = BackupAndRestore::new(&folder).save_freq(1usize);
        let callbacks: Vec<Box<dyn Callback>> =
            vec![Box::new(backup), Box::new(FailAfter(batches))];
        let options = Fit::new().epochs(5).verbose(0).validation_data(validation);
        let history = model.fit(dataset, options.callbacks(callbacks))?;
        let weights: Vec<Vec<f32>> = model
            .weights()
            .iter()
            .map(|w| w.read().to_vec().unwrap())
            .collect();
        Ok::<_, Error>((history, weights))
    };
    let whole = train(usize::MAX).unwrap();
    for batches in [0, 1, 3, 4, 9, 18] {
        assert!(train(batches).is_err());
        let resumed = train(usize::MAX).unwrap();
        assert_eq!(resumed, whole, "interrupted after {batches} batches");
    }
    let _ = std::fs::remove_dir_all(folder);
}
