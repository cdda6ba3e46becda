//! What a person reads after a mistake: what was expected, what came, how to mend it, and where. The model is
//! as it was before.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use hornblende::prelude::*;

/// Compares the message of a refused call, whose last line of code may be some lines below its first.
fn compare<T>(result: Result<T>, line: u32, expected: &str) {
    let Err(error) = result else {
        panic!("line {line}: accepted; expected: {expected}");
    };
    let text = error.to_string();
    let (file, mut got) = (format!("{}:", file!()), text.clone());
    if let Some(at) = text.find(&file) {
        let digits: String = text[at + file.len()..]
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        let named: u32 = digits.parse().unwrap();
        assert!(
            (line..line + 12).contains(&named),
            "line {line}: names line {named}: {text}"
        );
        got = text.replace(&format!("{file}{digits}"), "HERE");
    }
    // A list of known names grows with the library; what stands before it does not.
    match expected.strip_suffix('…') {
        Some(beginning) => assert!(got.starts_with(beginning), "line {line}: {got}"),
        None => assert_eq!(got, expected, "line {line}"),
    }
}

/// Claims that a call is refused with this text, in which `HERE` stands for the line of the call; a text that
/// ends in `…` is only the beginning.
macro_rules! refused {
    ($call:expr, $text:expr $(,)?) => {
        compare($call, line!(), $text)
    };
}

/// Claims that a call on a model is refused with this text and leaves weights and optimizer as they were.
macro_rules! refused_by {
    ($model:ident, $call:expr, $text:expr $(,)?) => {{
        let before = state_of(&$model);
        compare($call, line!(), $text);
        assert_eq!(before, state_of(&$model), "the model changed");
    }};
}

fn state_of(model: &Model) -> Vec<Vec<f64>> {
    let value = |t: &Tensor| t.to_vec::<f64>().unwrap();
    model.get_weights().iter().map(value).collect()
}

fn classifier() -> Model {
    let inputs = Input::new([4]).name("features");
    let x = Dense::new(8)
        .activation("relu")
        .name("hidden")
        .call(&inputs)
        .unwrap();
    let outputs = Dense::new(3)
        .activation("softmax")
        .name("scores")
        .call(&x)
        .unwrap();
    Model::new(&inputs, &outputs).unwrap()
}

fn compiled() -> Model {
    let mut model = classifier();
    let options = Compile::new()
        .optimizer("sgd")
        .loss("sparse_categorical_crossentropy")
        .metrics(["accuracy"]);
    model.compile(options).unwrap();
    model
}

fn two_outputs() -> Model {
    let inputs = Input::new([4]).name("features");
    let a = Dense::new(1).name("score").call(&inputs).unwrap();
    let b = Dense::new(3)
        .activation("softmax")
        .name("label")
        .call(&inputs)
        .unwrap();
    Model::new(&inputs, [&a, &b]).unwrap()
}

fn x(rows: usize) -> Tensor {
    Tensor::ones([rows, 4], DType::F32)
}

fn y() -> Tensor {
    Tensor::from([0i32, 1, 2, 0, 1, 2])
}

fn quiet() -> Fit<'static> {
    Fit::new().verbose(0)
}

#[test]
fn calls_that_need_compile_say_so() {
    let mut model = classifier();
    refused_by!(
        model,
        model.fit((&x(6), &y()), quiet()),
        "fit: expected a compiled model; got one without optimizer and loss. Call compile first. (HERE)"
    );
    refused_by!(
        model,
        model.evaluate((&x(6), &y()), Evaluate::new()),
        "evaluate: expected a compiled model; got one without optimizer and loss. Call compile first. (HERE)"
    );
    refused_by!(
        model,
        model.train_on_batch((&x(6), &y())),
        "train_on_batch: expected a compiled model; got one without optimizer and loss. Call compile first. (HERE)"
    );
    refused_by!(
        model,
        model.reset_metrics(),
        "reset_metrics: expected a compiled model; got one without optimizer and loss. Call compile first. (HERE)"
    );
}

#[test]
fn data_must_have_rows_and_as_many_of_each() {
    let mut model = compiled();
    let none = Tensor::from_vec([0], Vec::<i32>::new());
    refused_by!(
        model,
        model.fit((&x(0), &none), quiet()),
        "fit: expected data of at least one row; got x of shape (0, 4). (HERE)"
    );
    refused_by!(
        model,
        model.fit((&x(5), &y()), quiet()),
        "fit: expected as many rows in y as in x, 5; got 6. (HERE)"
    );
    let weights = Tensor::ones([7], DType::F32);
    refused_by!(
        model,
        model.fit((&x(6), &y(), &weights), quiet()),
        "fit: expected as many rows in sample_weight as in x, 6; got 7. (HERE)"
    );
    refused_by!(
        model,
        model.fit((&Tensor::from(1.0f32), &y()), quiet()),
        "fit: expected x to have a row for each sample; got a scalar. (HERE)"
    );
    refused_by!(
        model,
        model.fit((x(6),), quiet()),
        r#"fit: expected labels for output "scores" and SparseCategoricalCrossentropy; got none. Pass (x, y) (HERE)"#
    );
}

#[test]
fn inputs_must_fit_the_model() {
    let mut model = compiled();
    let wide = Tensor::ones([6, 5], DType::F32);
    refused_by!(
        model,
        model.fit((&wide, &y()), quiet()),
        r#"fit: expected x of shape (None, 4) for input "features"; got (6, 5). (HERE)"#
    );
    refused_by!(
        model,
        model.predict(&wide, Predict::new()),
        r#"predict: expected x of shape (None, 4) for input "features"; got (6, 5). (HERE)"#
    );
    refused_by!(
        model,
        model.fit(([&x(6), &x(6)], &y()), quiet()),
        "fit: expected 1 array in x, one for each input (features); got 2 arrays. (HERE)"
    );
    refused_by!(
        model,
        model.fit(([("feature", &x(6))], &y()), quiet()),
        r#"input: expected the name of a known input; got "feature". Did you mean "features"? Known names: features. (HERE)"#
    );
}

#[test]
fn labels_must_be_classes_of_the_model() {
    let mut model = compiled();
    let labels = |y: [f32; 6]| Tensor::from(y);
    let y = labels([0.0, 1.0, 2.0, 0.0, 3.0, 2.0]);
    refused_by!(
        model,
        model.fit((&x(6), &y), quiet()),
        r#"fit: expected class numbers from 0 to 2 for output "scores"; got 3 in row 4 of y. The output needs as many units as there are classes; it has 3. (HERE)"#
    );
    let y = labels([0.0, -1.0, 2.0, 0.0, 1.0, 2.0]);
    refused_by!(
        model,
        model.fit((&x(6), &y), quiet()),
        r#"fit: expected class numbers from 0 to 2 for output "scores"; got -1 in row 1 of y. (HERE)"#
    );
    let y = labels([0.0, 1.0, 1.5, 0.0, 1.0, 2.0]);
    refused_by!(
        model,
        model.evaluate((&x(6), &y), Evaluate::new()),
        r#"evaluate: expected class numbers from 0 to 2 for output "scores"; got 1.5 in row 2 of y. (HERE)"#
    );
    let y = labels([0.0, 1.0, 2.0, 0.0, 1.0, f32::NAN]);
    refused_by!(
        model,
        model.train_on_batch((&x(6), &y)),
        r#"train_on_batch: expected class numbers from 0 to 2 for output "scores"; got NaN in row 5 of y. (HERE)"#
    );
    let y = labels([0.0, 1.0, 2.0, 0.0, 1.0, 7.0]);
    let good = labels([0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    refused_by!(
        model,
        model.fit((&x(6), &good), quiet().validation_data((&x(6), &y))),
        r#"fit: validation data: expected class numbers from 0 to 2 for output "scores"; got 7 in row 5 of y. The output needs as many units as there are classes; it has 3. (HERE)"#,
    );
}

#[test]
fn labels_must_have_the_shape_that_the_loss_compares() {
    let mut model = compiled();
    let rows = Tensor::ones([6, 3], DType::F32);
    refused_by!(
        model,
        model.fit((&x(6), &rows), quiet()),
        r#"fit: expected class numbers of shape (None,) for output "scores" and SparseCategoricalCrossentropy; got (None, 3). These look like one-hot rows; for them, use CategoricalCrossentropy ("categorical_crossentropy") (HERE)"#
    );
    let many = Tensor::zeros([6, 2], DType::F32);
    refused_by!(
        model,
        model.fit((&x(6), &many), quiet()),
        r#"fit: expected class numbers of shape (None,) for output "scores" and SparseCategoricalCrossentropy; got (None, 2). (HERE)"#
    );
    model
        .compile(Compile::new().loss("categorical_crossentropy"))
        .unwrap();
    refused_by!(
        model,
        model.fit((&x(6), &y()), quiet()),
        r#"fit: expected one-hot rows of shape (None, 3) for output "scores" and CategoricalCrossentropy; got (None,). These look like class numbers; for them, use SparseCategoricalCrossentropy ("sparse_categorical_crossentropy") (HERE)"#
    );
    model.compile(Compile::new().loss("mse")).unwrap();
    let four = Tensor::ones([6, 4], DType::F32);
    refused_by!(
        model,
        model.fit((&x(6), &four), quiet()),
        r#"fit: expected labels of shape (None, 3) for output "scores" and MeanSquaredError; got (None, 4). (HERE)"#
    );
}

#[test]
fn labels_of_rows_and_of_sequences_must_be_those() {
    let mut model = compiled();
    let q = CategoricalGeneralizedCrossEntropy::new();
    model.compile(Compile::new().loss(q)).unwrap();
    let y = Tensor::from([0.0f32, 1.0, 2.0, 0.0, 3.0, 2.0]);
    refused_by!(
        model,
        model.fit((&x(6), &y), quiet()),
        r#"fit: expected class numbers from 0 to 2 for output "scores"; got 3 in row 4 of y. The output needs as many units as there are classes; it has 3. (HERE)"#
    );
    model.compile(Compile::new().loss("circle")).unwrap();
    refused_by!(
        model,
        model.fit((&x(6), &Tensor::ones([6, 3], DType::F32)), quiet()),
        r#"fit: expected class numbers of shape (None,) for output "scores" and Circle; got (None, 3). (HERE)"#
    );
    model.compile(Compile::new().loss("ctc")).unwrap();
    refused_by!(
        model,
        model.fit((&x(6), &Tensor::ones([6, 3], DType::F32)), quiet()),
        r#"fit: expected class numbers of shape (None, labels), filled up with 0, for logits of shape (None, frames, classes), which are (None, 3), for output "scores" and CTC; got (None, 3). (HERE)"#
    );
}

#[test]
fn unknown_names_are_told_the_nearest_known_one() {
    let mut model = classifier();
    refused_by!(
        model,
        model.compile(Compile::new().loss("mean_square_error")),
        r#"loss: expected the name of a known loss; got "mean_square_error". Did you mean "mean_squared_error"? Known names: …"#
    );
    refused_by!(
        model,
        model.compile(Compile::new().metrics(["acuracy"])),
        r#"metric: expected the name of a known metric; got "acuracy". Did you mean "Accuracy"? Known names: …"#
    );
    refused_by!(
        model,
        model.compile(Compile::new().optimizer("adm")),
        r#"optimizer: expected the name of a known optimizer; got "adm". Did you mean "Adam"? Known names: …"#
    );
    let inputs = Input::new([4]);
    refused!(
        Dense::new(2).activation("rellu").name("a").call(&inputs),
        r#"activation: expected the name of a known activation; got "rellu". Did you mean "relu"? Known names: …"#
    );
    refused!(
        Dense::new(2)
            .kernel_initializer("glorot")
            .name("b")
            .call(&inputs),
        r#"initializer: expected the name of a known initializer; got "glorot". Known names: …"#
    );
    let image = Input::new([8, 8, 1]);
    refused!(
        Conv2D::new(2, 3).padding("some").name("c").call(&image),
        r#"padding: expected the name of a known padding; got "some". Did you mean "same"? Known names: valid, same, causal for Conv1D. (layer "c", HERE)"#
    );
}

#[test]
fn layers_name_themselves_and_the_line() {
    let inputs = Input::new([4]);
    let dense = Dense::new(2).name("narrow");
    dense.call(&inputs).unwrap();
    refused!(
        dense.call(Tensor::ones([1, 5], DType::F32)),
        r#"input of Dense: expected at least 2 axes, size 4 along axis -1; got shape (1, 5). The kernel was made for that size by the first call. (layer "narrow", HERE)"#
    );
    refused!(
        Conv2D::new(2, 3).name("conv").call(&inputs),
        r#"input of Conv2D: expected 4 axes; got shape (None, 4). Images have height, width and channels; add the channel axis with expand_dims(-1) (layer "conv", HERE)"#
    );
    let small = Input::new([2, 2, 1]);
    refused!(
        Conv2D::new(2, 3).name("conv").call(&small),
        r#"Conv2D: expected an image at least as large as the window [3, 3]; got [2, 2]. Use a smaller window, or padding("same") (layer "conv", HERE)"#
    );
}

#[test]
fn options_of_fit_must_make_sense() {
    let mut model = compiled();
    let data = (&x(6), &y());
    refused_by!(
        model,
        model.fit(data, quiet().batch_size(0)),
        "batch_size: expected a number above 0; got 0. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().epochs(0)),
        "epochs: expected a number above 0; got 0. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().steps_per_epoch(0)),
        "steps_per_epoch: expected a number above 0; got 0. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().validation_freq(0)),
        "validation_freq: expected a number above 0; got 0. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().validation_split(1.5)),
        "validation_split: expected a share from 0 to below 1; got 1.5. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().validation_split(f64::NAN)),
        "validation_split: expected a share from 0 to below 1; got NaN. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().validation_split(0.99)),
        "fit: validation_split: expected at least one row to train on and one to validate on; got a share of 0.99 of 6 rows. Use more data or another share. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().epochs(2).initial_epoch(3)),
        "initial_epoch: expected at most the number of epochs, 2; got 3. epochs is the number of the last epoch, not how many are to follow. (HERE)"
    );
    refused_by!(
        model,
        model.fit(data, quiet().verbose(7)),
        "verbose: expected 0 (silent), 1 (a progress bar) or 2 (one line an epoch); got 7. (HERE)"
    );
    refused_by!(
        model,
        model.evaluate(data, Evaluate::new().batch_size(0)),
        "batch_size: expected a number above 0; got 0. (HERE)"
    );
    refused_by!(
        model,
        model.predict(x(6), Predict::new().steps(0)),
        "steps: expected a number above 0; got 0. (HERE)"
    );
}

#[test]
fn class_weights_are_for_one_output_and_known_classes() {
    let mut model = compiled();
    let weights = Tensor::ones([6], DType::F32);
    refused_by!(
        model,
        model.fit((&x(6), &y(), &weights), quiet().class_weight([(0, 2.0)])),
        "fit: expected class_weight or sample_weight; got both. Multiply the sample weights by the weights of the classes. (HERE)",
    );
    refused_by!(
        model,
        model.fit((&x(6), &y()), quiet().class_weight([(5, 2.0)])),
        "fit: class_weight: expected class numbers from 0 to 2; got 5. (HERE)"
    );
    let mut model = two_outputs();
    model
        .compile(Compile::new().loss(["mse", "sparse_categorical_crossentropy"]))
        .unwrap();
    let score = Tensor::zeros([6, 1], DType::F32);
    refused_by!(
        model,
        model.fit((&x(6), [&score, &y()]), quiet().class_weight([(0, 2.0)])),
        "fit: class_weight: expected a model of one output; got one of 2. Use sample_weight, which may differ from output to output. (HERE)",
    );
}

#[test]
fn losses_and_labels_must_match_the_outputs() {
    let mut model = two_outputs();
    refused_by!(
        model,
        model.compile(Compile::new().loss(["mse", "mse", "mse"])),
        "compile: loss: expected one for each output of the model, 2 (score, label); got 3. (HERE)"
    );
    refused_by!(
        model,
        model.compile(Compile::new().loss_for("lable", "mse")),
        r#"output: expected the name of a known output; got "lable". Did you mean "label"? Known names: score, label. (HERE)"#
    );
    refused_by!(
        model,
        model.compile(Compile::new().loss("mse").loss_weights([1.0, 2.0, 3.0])),
        "compile: loss_weights: expected one for each output of the model, 2 (score, label); got 3. (HERE)",
    );
    refused_by!(
        model,
        model.compile(Compile::new().loss("mse").metrics(["mse", "mae", "acc"])),
        "compile: metrics: expected one for each output of the model, 2 (score, label); got 3. (HERE)",
    );
    model
        .compile(Compile::new().loss(["mse", "sparse_categorical_crossentropy"]))
        .unwrap();
    refused_by!(
        model,
        model.fit((&x(6), &y()), quiet()),
        "fit: expected 2 arrays in y, one for each output (score, label); got 1 array. (HERE)"
    );
    refused_by!(
        model,
        model.fit((&x(6), [("label", &y())]), quiet()),
        r#"fit: expected labels for output "score" and MeanSquaredError; got none. Pass (x, y) (HERE)"#
    );
    refused_by!(
        model,
        model.predict(x(6), Predict::new()),
        "predict: expected a model of one output; got one of 2. Use predict_all, or predict_all_on_batch. (HERE)"
    );
}

#[test]
fn a_model_needs_a_loss_and_an_optimizer_that_make_sense() {
    let mut model = classifier();
    model.compile(Compile::new()).unwrap();
    refused_by!(
        model,
        model.fit((&x(6), &y()), quiet()),
        "fit: expected a loss to minimise; got none. Give compile a loss. (HERE)"
    );
    let nan = SGD::new().learning_rate(f64::NAN);
    refused_by!(
        model,
        model.compile(Compile::new().optimizer(nan).loss("mse")),
        "sgd: learning_rate: expected a finite number of at least 0; got NaN. (HERE)"
    );
    let negative = SGD::new().learning_rate(-0.1);
    refused_by!(
        model,
        model.compile(Compile::new().optimizer(negative).loss("mse")),
        "sgd: learning_rate: expected a finite number of at least 0; got -0.1. (HERE)"
    );
}

#[test]
fn a_loss_of_the_users_own_names_its_own_line() {
    let mut model = classifier();
    let own = |y_true: &Tensor, _: &Tensor| {
        y_true + Tensor::ones([2, 2], DType::F32) //
    };
    model.compile(Compile::new().loss(own)).unwrap();
    let before = state_of(&model);
    let error = model.fit((&x(6), &y()), quiet()).unwrap_err();
    let line = line!() - 5;
    let end = format!("({}:{line})", file!());
    assert!(error.to_string().ends_with(&end), "{error}");
    assert_eq!(before, state_of(&model));
}

#[test]
fn weights_must_have_the_shapes_of_the_model() {
    let model = classifier();
    refused_by!(
        model,
        model.set_weights(&[x(1)]),
        r#"set_weights: expected 4 weights; got 1. (layer "functional", HERE)"#
    );
    let mut weights = model.get_weights();
    weights[0] = x(3);
    refused_by!(
        model,
        model.set_weights(&weights),
        r#"set_weights: expected (4, 8) for "hidden/kernel"; got (3, 4). (layer "functional", HERE)"#
    );
}

#[test]
fn a_failed_compile_leaves_the_former_one() {
    let mut model = compiled();
    let first = model
        .evaluate((&x(6), &y()), Evaluate::new().verbose(0))
        .unwrap();
    assert!(model.compile(Compile::new().loss("nothing")).is_err());
    let second = model
        .evaluate((&x(6), &y()), Evaluate::new().verbose(0))
        .unwrap();
    assert_eq!(first, second);
}

#[test]
fn a_loss_that_is_not_finite_is_no_error() {
    let mut model = compiled();
    let bad = Tensor::full([6, 4], f64::INFINITY, DType::F32);
    let history = model.fit((&bad, &y()), quiet()).unwrap();
    assert!(!history["loss"][0].is_finite());
}
