//! The examples of the notes, with the objects of `examples/seeds`.

use std::path::Path;
use std::sync::Arc;

use hornblende::config::Json;
use hornblende::losses::mean_squared_error;
use hornblende::prelude::*;

use super::case::Case;
use super::reading::{array, list, message, number, size, tensor, text, value};
use super::seeds::check::{EXAMPLES as EXAMPLE_PROGRAMS, Keras};
use super::seeds::losses::{
    CustomMSE, FocalLoss, FocalLossOfClasses, FocalLossSum,
    MeanSquaredError as OwnMeanSquaredError, SparseFocalLoss, custom_mean_squared_error,
    focal_loss, focal_loss_as_printed, focal_loss_of_classes, focal_loss_sum,
};
use super::seeds::metrics::{CategoricalTruePositives, KS, SparseCategoricalAccuracy, ks};
use super::seeds::models::FakeModel;
use super::tally::run;

#[test]
fn seed_examples_are_what_the_notes_say() {
    run("seed_examples", check);
}

#[test]
fn every_recorded_example_is_checked_by_a_program_under_examples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/seeds");
    for (example, _) in EXAMPLE_PROGRAMS {
        let file = example.strip_prefix("seed_").expect("the name of a note");
        assert!(
            folder.join(file).with_extension("rs").is_file(),
            "{example}"
        );
        // Reading fails for a recorded case that no program names.
        Keras::recorded(example).unwrap();
    }
}

/// How an example is computed: the inputs that it takes, the results that it must give.
type Example = (&'static str, fn(&Inputs<'_>) -> Result<Results>);

/// Named results of an example.
type Results = Vec<(&'static str, Tensor)>;

/// The examples by how the names of their cases begin; the first that fits counts.
const EXAMPLES: &[Example] = &[
    ("bce_", binary_crossentropies),
    ("cce_", categorical_crossentropies),
    ("scce_", sparse_crossentropies),
    ("mse_vector", mean_squared_errors),
    ("mse_function", mean_squared_error_function),
    ("mse_ones", mean_squared_error_class),
    ("ks_function", ks_functions),
    ("ks_class", ks_classes),
    ("ks_two_batches", ks_of_batches),
    ("sparse_categorical_accuracy", accuracy_by_hand),
    ("categorical_true_positives", true_positives),
    ("focal_binary", focal_binary),
    ("focal_sum", focal_sum),
    ("focal_softmax", focal_softmax),
    ("custom_mse", custom_mse),
    ("quadratic_apply_gradients", apply_gradients),
    ("quadratic_minimize", minimize),
    ("quadratic_fakemodel", fake_model),
    ("exponential_decay", exponential_decay),
    ("sgd_clip", clipped),
    ("rmsprop_get_weights", rmsprop_weights),
];

fn check(case: &Case) -> Result<(), String> {
    case.only(&["where", "inputs"], &keys(case.get("expected")))?;
    let id = text(case.get("id"));
    let found = EXAMPLES.iter().find(|(prefix, _)| id.starts_with(prefix));
    let (_, example) = found.ok_or_else(|| format!("no example begins like {id}"))?;
    let results = example(&Inputs(case.get("inputs"))).map_err(message)?;
    // One form of an example may be checked in several ways: each must give the number.
    for key in keys(case.get("expected")) {
        let mut matching = results.iter().filter(|(name, _)| *name == key).peekable();
        if matching.peek().is_none() {
            return Err(format!("the example does not compute {key}"));
        }
        for (_, got) in matching {
            compare(case, key, got, case.expected(key))?;
        }
    }
    Ok(())
}

fn compare(case: &Case, key: &str, got: &Tensor, wanted: &Json) -> Result<(), String> {
    let tolerance = case.tolerance();
    match wanted {
        Json::Object(map) if map.contains_key("shape") => {
            tolerance.check_tensor(key, got, &value(wanted))
        }
        _ => {
            let mut flat = Vec::new();
            flatten(wanted, &mut flat);
            let got = got.cast(DType::F64).to_vec::<f64>().map_err(message)?;
            if got.len() != flat.len() {
                return Err(format!(
                    "{key}: {} numbers instead of {}",
                    got.len(),
                    flat.len()
                ));
            }
            let mut pairs = got.iter().zip(&flat).enumerate();
            pairs.try_for_each(|(k, (got, wanted))| {
                tolerance.check_number(&format!("{key}[{k}]"), *got, *wanted)
            })
        }
    }
}

fn flatten(json: &Json, into: &mut Vec<f64>) {
    match json {
        Json::Array(entries) => entries.iter().for_each(|entry| flatten(entry, into)),
        Json::Object(map) if map.contains_key("data") => flatten(&json["data"], into),
        // Optimizer variables; their names are a matter of Keras's own naming of models.
        Json::Object(map) if map.contains_key("value") => flatten(&json["value"], into),
        one => into.push(number(one)),
    }
}

fn keys(json: &Json) -> Vec<&str> {
    super::reading::entries(json)
        .into_iter()
        .map(|(key, _)| key)
        .collect()
}

/// What a case gives its example.
struct Inputs<'a>(&'a Json);

impl Inputs<'_> {
    fn tensor(&self, key: &str) -> Tensor {
        tensor(&self.0[key])
    }

    fn number(&self, key: &str) -> f64 {
        number(&self.0[key])
    }

    fn size(&self, key: &str) -> usize {
        size(&self.0[key])
    }

    fn y(&self) -> (Tensor, Tensor) {
        (self.tensor("y_true"), self.tensor("y_pred"))
    }

    fn reduction(&self) -> &str {
        text(&self.0["reduction"])
    }

    fn loss(&self, loss: &dyn Loss) -> Tensor {
        let (y_true, y_pred) = self.y();
        let weight = array(&self.0["sample_weight"]).map(Tensor::from);
        loss.compute(&y_true, &y_pred, weight.as_ref())
    }

    /// a x^2 + b x + c
    fn quadratic(&self, x: &Variable) -> Tensor {
        let (a, b, c) = (self.number("a"), self.number("b"), self.number("c"));
        x.read().pow(2.0) * a + x.read() * b + c
    }
}

fn numbers(list: &[f64]) -> Tensor {
    Tensor::from(list.to_vec())
}

fn binary_crossentropies(case: &Inputs<'_>) -> Result<Results> {
    let loss = BinaryCrossentropy::new().reduction(case.reduction());
    Ok(vec![("loss", case.loss(&loss))])
}

fn categorical_crossentropies(case: &Inputs<'_>) -> Result<Results> {
    let (a, b) = case.y();
    let by_hand = -(a * b.log()).sum(1).mean(..);
    let loss = case.loss(&CategoricalCrossentropy::new());
    Ok(vec![("loss", loss), ("numpy_version", by_hand)])
}

fn sparse_crossentropies(case: &Inputs<'_>) -> Result<Results> {
    Ok(vec![(
        "loss",
        case.loss(&SparseCategoricalCrossentropy::new()),
    )])
}

fn mean_squared_errors(case: &Inputs<'_>) -> Result<Results> {
    let losses: [&dyn Loss; 3] = [
        &MeanSquaredError::new(),
        &OwnMeanSquaredError,
        &custom_mean_squared_error,
    ];
    Ok(losses.map(|loss| ("loss", case.loss(loss))).to_vec())
}

fn mean_squared_error_function(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    Ok(vec![("loss", mean_squared_error(&y_true, &y_pred))])
}

fn mean_squared_error_class(case: &Inputs<'_>) -> Result<Results> {
    let loss = MeanSquaredError::new().reduction(case.reduction());
    Ok(vec![("loss", case.loss(&loss))])
}

fn ks_functions(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    let (_, order) = y_pred.reshape([-1]).top_k(y_pred.shape()[0]);
    let own = ks(&y_true, &y_pred);
    Ok(vec![
        ("ks", own.clone()),
        ("ks", hornblende::metrics::ks(&y_true, &y_pred)),
        ("ks_sorted_true", own),
        ("top_k_order", order),
    ])
}

fn ks_classes(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    let (own, built_in) = (KS::new(), hornblende::metrics::KS::new());
    own.update_state(&y_true, &y_pred, None)?;
    built_in.update_state(&y_true, &y_pred, None)?;
    Ok(vec![
        ("ks", own.result()),
        ("ks", built_in.result()),
        ("bins", KS::bins(&y_pred)),
        ("tp", own.true_positives.read()),
        ("fp", own.false_positives.read()),
    ])
}

fn ks_of_batches(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    let split = case.size("split");
    let (whole, mean) = (KS::new(), MeanMetricWrapper::new(ks));
    let mut each = Vec::new();
    for batch in [0..split, split..y_true.shape()[0]] {
        let (y_true, y_pred) = (y_true.slice(batch.clone()), y_pred.slice(batch));
        whole.update_state(&y_true, &y_pred, None)?;
        mean.update_state(&y_true, &y_pred, None)?;
        each.push(ks(&y_true, &y_pred));
    }
    Ok(vec![
        ("class_over_both", whole.result()),
        ("function_per_batch", Tensor::stack(&each, 0)),
        ("function_mean", mean.result()),
    ])
}

fn accuracy_by_hand(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    let own = SparseCategoricalAccuracy::new();
    own.update_state(&y_true, &y_pred, None)?;
    let built_in = hornblende::metrics::SparseCategoricalAccuracy::new();
    let built_in = built_in.call(&y_true, &y_pred, None)?;
    Ok(vec![("result", own.result()), ("result", built_in)])
}

fn true_positives(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    let metric = CategoricalTruePositives::new();
    let first = metric.call(&y_true, &y_pred, None)?;
    let weights = case.tensor("second_weights");
    let second = metric.call(&y_true, &y_pred, Some(&weights))?;
    metric.reset_states()?;
    assert_eq!(metric.result().item::<f32>()?, 0.0);
    Ok(vec![
        ("after_first", first),
        ("after_second_weighted", second),
    ])
}

fn focal_binary(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    let (gamma, alpha) = (case.number("gamma"), case.number("alpha"));
    let printed = focal_loss_as_printed(gamma, alpha)(&y_true, &y_pred);
    Ok(vec![
        ("per_sample", focal_loss(gamma, alpha)(&y_true, &y_pred)),
        (
            "per_sample",
            FocalLoss { gamma, alpha }.call(&y_true, &y_pred),
        ),
        ("mean", case.loss(&FocalLoss { gamma, alpha })),
        ("mean", case.loss(&focal_loss(gamma, alpha))),
        ("as_printed_broadcast", printed),
    ])
}

fn focal_sum(case: &Inputs<'_>) -> Result<Results> {
    let (y_true, y_pred) = case.y();
    let (gamma, alpha) = (case.number("gamma"), case.number("alpha"));
    let loss = case.loss(&FocalLossSum { gamma, alpha });
    let by_function = focal_loss_sum(gamma, alpha)(&y_true, &y_pred);
    let gradient = GradientTape::new().gradient(&by_function, &y_pred);
    Ok(vec![
        ("loss", loss),
        ("loss", by_function),
        ("grad_y_pred", gradient),
    ])
}

fn focal_softmax(case: &Inputs<'_>) -> Result<Results> {
    let gamma = case.number("gamma");
    let y_pred = case.tensor("y_pred");
    let (onehot, sparse) = (case.tensor("y_true_onehot"), case.tensor("y_true_sparse"));
    let class_num = y_pred.shape()[1];
    let loss = FocalLossOfClasses { gamma }.compute(&onehot, &y_pred, None);
    let gradient = GradientTape::new().gradient(&loss, &y_pred);
    let sparse = SparseFocalLoss { gamma, class_num }.compute(&sparse, &y_pred, None);
    let function = focal_loss_of_classes(gamma);
    Ok(vec![
        ("per_sample", function(&onehot, &y_pred)),
        ("loss", loss),
        ("loss", sparse),
        ("loss", function.compute(&onehot, &y_pred, None)),
        ("grad_y_pred", gradient),
    ])
}

fn custom_mse(case: &Inputs<'_>) -> Result<Results> {
    let regularization_factor = case.number("regularization_factor");
    Ok(vec![
        (
            "custom_mse",
            case.loss(&CustomMSE {
                regularization_factor,
            }),
        ),
        (
            "custom_mean_squared_error",
            case.loss(&custom_mean_squared_error),
        ),
    ])
}

/// Notes the value of x after the steps that the recorded trajectories name.
fn note(trajectory: &mut Vec<f64>, step: usize, x: &Variable) {
    if step <= 5 || step.is_multiple_of(100) {
        trajectory.extend([step as f64, x.value().get_f64(0)]);
    }
}

fn apply_gradients(case: &Inputs<'_>) -> Result<Results> {
    let x = Variable::new("x", case.number("x0") as f32)?;
    let optimizer = SGD::new().learning_rate(case.number("learning_rate"));
    let mut trajectory = Vec::new();
    loop {
        let tape = GradientTape::new();
        let y = case.quadratic(&x);
        let dy_dx = tape.gradient(&y, &x);
        optimizer.apply_gradients(&[(dy_dx.clone(), x.clone())])?;
        note(
            &mut trajectory,
            optimizer.iterations().item::<i64>()? as usize,
            &x,
        );
        if dy_dx.abs().item::<f32>()? < 0.00001 {
            break;
        }
    }
    Ok(vec![
        ("x", x.read()),
        ("y", case.quadratic(&x)),
        ("iterations", optimizer.iterations()),
        ("trajectory", numbers(&trajectory)),
    ])
}

fn minimize(case: &Inputs<'_>) -> Result<Results> {
    let x = Variable::new("x", case.number("x0") as f32)?;
    let optimizer = SGD::new().learning_rate(case.number("learning_rate"));
    let mut trajectory = Vec::new();
    for step in 1..=case.size("steps") {
        optimizer.minimize(|| case.quadratic(&x), std::slice::from_ref(&x))?;
        note(&mut trajectory, step, &x);
    }
    Ok(vec![
        ("x", x.read()),
        ("y", case.quadratic(&x)),
        ("iterations", optimizer.iterations()),
        ("trajectory", numbers(&trajectory)),
    ])
}

fn fake_model(case: &Inputs<'_>) -> Result<Results> {
    let (a, b, c) = (case.number("a"), case.number("b"), case.number("c"));
    let fake = FakeModel::new(a, b, c);
    let mut model = Model::from_layer(fake.clone());
    let given = |key: &str| case.0[key].as_f64().unwrap_or(0.0);
    let sgd = SGD::new()
        .learning_rate(case.number("learning_rate"))
        .momentum(given("momentum"))
        .nesterov(case.0["nesterov"].as_bool() == Some(true))
        .decay(given("decay"));
    let sgd = Arc::new(sgd);
    let myloss = |_: &Tensor, y_pred: &Tensor| y_pred.mean(..);
    model.compile(Compile::new().loss(myloss).optimizer(Arc::clone(&sgd)))?;
    let rows = case.size("rows");
    let (x, y) = (
        Tensor::zeros([rows, 2], DType::F32),
        Tensor::ones([rows], DType::F32),
    );
    let options = Fit::new()
        .batch_size(case.size("batch_size"))
        .epochs(case.size("epochs"));
    let history = model.fit((&x, &y), options.verbose(0))?;
    Ok(vec![
        ("x", model.weights()[0].read()),
        ("loss_per_epoch", numbers(&history["loss"])),
        ("iterations", sgd.iterations()),
        ("final_output", fake.call(Tensor::zeros([1], DType::F32))?),
    ])
}

fn exponential_decay(case: &Inputs<'_>) -> Result<Results> {
    let schedule = ExponentialDecay::new(
        case.number("initial_learning_rate"),
        case.number("decay_steps"),
        case.number("decay_rate"),
    );
    let at = |step: &Json| schedule.call(&Tensor::from(size(step) as i64));
    let rates: Vec<Tensor> = list(&case.0["steps"]).iter().map(at).collect();
    Ok(vec![("learning_rate", Tensor::stack(&rates, 0))])
}

fn clipped(case: &Inputs<'_>) -> Result<Results> {
    let mut sgd = SGD::new().learning_rate(case.number("learning_rate"));
    if let Some(norm) = case.0["clipnorm"].as_f64() {
        sgd = sgd.clipnorm(norm);
    }
    if let Some(value) = case.0["clipvalue"].as_f64() {
        sgd = sgd.clipvalue(value);
    }
    let variable = Variable::new("variable", case.tensor("variable"))?;
    sgd.apply_gradients(&[(case.tensor("gradient"), variable.clone())])?;
    Ok(vec![("variable_after", variable.read())])
}

fn rmsprop_weights(case: &Inputs<'_>) -> Result<Results> {
    let opt = Arc::new(RMSprop::new());
    let (data, labels) = (case.tensor("x"), case.tensor("y"));
    let dense = Dense::new(10).input_shape([20]);
    let mut m = Sequential::new().add(dense);
    m.weights()[0].assign(&case.tensor("kernel"))?;
    m.compile(Compile::new().optimizer(Arc::clone(&opt)).loss("mse"))?;
    let results = m.fit((&data, &labels), Fit::new().verbose(0))?;
    let weights = opt.get_weights();
    let flat = weights
        .iter()
        .flat_map(|value| value.to_f64_vec())
        .collect::<Vec<_>>();
    // Setting the weights back is the second half of the example.
    opt.set_weights(&weights)?;
    Ok(vec![
        ("loss", numbers(&results["loss"])),
        ("optimizer_variables", numbers(&flat)),
        ("kernel_after", m.weights()[0].read()),
        ("bias_after", m.weights()[1].read()),
    ])
}
