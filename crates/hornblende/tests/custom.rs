//! What users write themselves: losses, metrics, layers, steps, optimizers, loops.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use hornblende::optimizers::{OptimizerBase, Update};
use hornblende::{Spec, layer, prelude::*};
use hornblende_core::function::trace;
use hornblende_core::graph::Graph;
use hornblende_core::passes::optimize;

fn data() -> (Tensor, Tensor) {
    let x: Vec<f32> = (0..64).map(|k| (k * 37 % 101) as f32 / 101.0).collect();
    let x = Tensor::from_vec([16, 4], x);
    let y = Tensor::from(x.sum(1).expand_dims(-1).eval().unwrap());
    (x, y)
}

/// A model whose weights are always the same; a seed would be shared with the tests that run beside.
fn model() -> Sequential {
    let model = Sequential::new()
        .add(Dense::new(8).activation("relu").input_shape([4]))
        .add(Dense::new(1));
    let weight = |old: &Tensor| {
        let numbers = (0..old.shape().len()).map(|k| ((k * 53 % 29) as f32 - 10.0) / 29.0);
        Tensor::from_vec(old.shape().clone(), numbers.collect())
    };
    let weights: Vec<Tensor> = model.get_weights().iter().map(weight).collect();
    model.set_weights(&weights).unwrap();
    model
}

fn options() -> Fit<'static> {
    Fit::new().batch_size(4).epochs(3).shuffle(false).verbose(0)
}

/// The program that an update from labels and predictions becomes.
fn program(f: impl Fn(&Tensor, &Tensor) -> Result<Vec<Tensor>>) -> Graph {
    let spec = || Spec {
        shape: [8, 3].into(),
        dtype: DType::F32,
    };
    let (graph, _) = trace(&[spec(), spec()], |batch| f(&batch[0], &batch[1])).unwrap();
    optimize(&graph)
}

#[test]
fn a_closure_is_the_same_program_as_the_built_in_loss_of_its_formula() {
    let closure = |y_true: &Tensor, y_pred: &Tensor| (y_pred - y_true).square().mean(-1);
    let with_gradient = |loss: &dyn Loss, y_true: &Tensor, y_pred: &Tensor| {
        let total = loss.compute(y_true, y_pred, None);
        let gradient = GradientTape::new().gradient(&total, y_pred);
        Ok(vec![total, gradient])
    };
    let own = program(|y_true, y_pred| with_gradient(&closure, y_true, y_pred));
    let built_in = MeanSquaredError::new();
    assert_eq!(
        own,
        program(|y_true, y_pred| with_gradient(&built_in, y_true, y_pred))
    );
}

#[test]
fn a_closure_is_the_same_program_as_the_built_in_metric_of_its_formula() {
    let update = |metric: &dyn Metric, y_true: &Tensor, y_pred: &Tensor| {
        metric.update_state(y_true, y_pred, None)?;
        Ok(vec![metric.result()])
    };
    let own = MeanMetricWrapper::new(|y_true: &Tensor, y_pred: &Tensor| {
        (y_pred - y_true).square().mean(-1)
    });
    let own = program(|y_true, y_pred| update(&own, y_true, y_pred));
    let built_in = hornblende::metrics::MeanSquaredError::new();
    assert_eq!(
        own,
        program(|y_true, y_pred| update(&built_in, y_true, y_pred))
    );
}

/// What `fit` does, written out, with a loss that is not compiled.
struct OwnStep {
    mean: Arc<Mean>,
    test_name: &'static str,
}

impl OwnStep {
    fn new(test_name: &'static str) -> Self {
        let mean = Arc::new(Mean::new());
        Self { mean, test_name }
    }
}

impl TrainStep for OwnStep {
    fn train_step(&self, step: &StepScene<'_>) -> Result<StepLogs> {
        let y_pred = step.forward(step.x())?;
        let loss = MeanSquaredError::new().compute(step.y()?, &y_pred[0], None);
        let gradients = GradientTape::new().gradient(&loss, step.trainable_variables());
        step.apply_gradients(gradients)?;
        self.mean.update_state(&loss, None)?;
        Ok(vec![("loss".to_owned(), self.mean.result())])
    }

    fn test_step(&self, step: &StepScene<'_>) -> Result<StepLogs> {
        assert!(!step.training());
        let y_pred = step.forward(step.x())?;
        let loss = MeanSquaredError::new().compute(step.y()?, &y_pred[0], None);
        self.mean.update_state(&loss, None)?;
        Ok(vec![(self.test_name.to_owned(), self.mean.result())])
    }

    fn metrics(&self) -> Vec<Arc<dyn Metric>> {
        vec![self.mean.clone()]
    }
}

#[test]
fn a_step_of_ones_own_without_a_compiled_loss_trains_as_the_built_in_one_does() {
    let (x, y) = data();
    let mut built_in = model();
    built_in
        .compile(Compile::new().optimizer("adam").loss("mse"))
        .unwrap();
    let wanted = built_in.fit((&x, &y), options()).unwrap();
    let mut own = model();
    let step = OwnStep::new("loss");
    own.compile(Compile::new().optimizer("adam").train_step(step))
        .unwrap();
    let got = own.fit((&x, &y), options()).unwrap();
    // The programs add up in the same order: one graph, the same numbers.
    for (got, wanted) in got["loss"].iter().zip(&wanted["loss"]) {
        assert!((got - wanted).abs() <= 1e-6 * wanted, "{got} {wanted}");
    }
    let evaluate = Evaluate::new().batch_size(4).verbose(0);
    let wanted = built_in.evaluate((&x, &y), evaluate).unwrap().loss();
    let got = own
        .evaluate((&x, &y), Evaluate::new().batch_size(4).verbose(0))
        .unwrap();
    assert!((got.loss() - wanted).abs() <= 1e-6 * wanted);
}

#[test]
fn steps_that_log_different_names_are_refused_before_anything_is_trained() {
    let (x, y) = data();
    let mut model = model();
    let compile = Compile::new()
        .optimizer("sgd")
        .train_step(OwnStep::new("error"));
    model.compile(compile).unwrap();
    let before = model.get_weights()[0].to_vec::<f32>().unwrap();
    let options = options().validation_data((&x, &y));
    let error = model.fit((&x, &y), options).unwrap_err().to_string();
    assert!(error.contains("a step that logs \"loss\""), "{error}");
    assert!(error.contains("got \"error\""), "{error}");
    assert_eq!(model.get_weights()[0].to_vec::<f32>().unwrap(), before);
}

#[test]
fn an_error_in_a_step_of_ones_own_names_the_line_in_it() {
    struct Wrong;
    impl TrainStep for Wrong {
        fn train_step(&self, step: &StepScene<'_>) -> Result<StepLogs> {
            let bad = step.x()[0].clone() + Tensor::from([1.0f32; 3]);
            Ok(vec![("loss".to_owned(), bad)])
        }
    }
    let line = line!() - 4;
    let (x, y) = data();
    let mut model = model();
    model.compile(Compile::new().train_step(Wrong)).unwrap();
    let error = model.fit((&x, &y), options()).unwrap_err().to_string();
    assert!(error.contains(&format!("custom.rs:{line}")), "{error}");
}

/// Two layers in one that logs and adds to the loss.
#[derive(Clone)]
struct Block {
    base: LayerBase,
    first: Dense,
    second: Dense,
}

impl Layer for Block {
    layer!(Block: first, second);

    fn forward(&self, x: &[Tensor], call: &Call) -> Result<Tensor> {
        let hidden = self.first.call_in(x, call)?;
        call.add_metric("activity", &hidden);
        call.add_loss(hidden.square().sum(..) * if call.training { 0.5 } else { 0.0 });
        self.second.call_in(&hidden, call)
    }
}

fn block() -> Block {
    Block {
        base: LayerBase::default(),
        first: Dense::new(4).kernel_initializer("ones").use_bias(false),
        second: Dense::new(1).kernel_initializer("zeros"),
    }
}

#[test]
fn a_layer_logs_the_mean_of_what_it_adds_in_training_and_validation() {
    let (x, y) = data();
    let mut model = Model::from_layer(block());
    model
        .compile(
            Compile::new()
                .optimizer(SGD::new().learning_rate(0.0))
                .loss("mse"),
        )
        .unwrap();
    let fit = options().epochs(2).validation_data((&x, &y));
    let history = model.fit((&x, &y), fit).unwrap();
    let wanted = x.sum(1).mean(..).item::<f64>().unwrap();
    for name in ["activity", "val_activity"] {
        // Sums of 16 numbers in another order.
        assert!(
            history[name].iter().all(|got| (got - wanted).abs() < 1e-5),
            "{name}"
        );
    }
    // The loss of the layer counts in training only: `training` says so.
    assert!(history["loss"][0] > history["val_loss"][0]);
    let results = model
        .evaluate((&x, &y), Evaluate::new().verbose(0))
        .unwrap();
    assert_eq!(results.names(), ["loss", "activity"]);
}

#[test]
fn the_layers_of_a_one_line_list_are_found_by_name_weight_and_freezing() {
    let model = Model::from_layer(block());
    model.call(Tensor::zeros([2, 4], DType::F32)).unwrap();
    assert_eq!(model.trainable_variables().len(), 3);
    assert_eq!(model.count_params(), 16 + 4 + 1);
    model.layers()[0].base().set_trainable(false);
    assert_eq!(model.trainable_variables().len(), 2);
}

/// Steps against the sign of the gradient.
struct SignDescent(OptimizerBase);

impl Optimizer for SignDescent {
    fn base(&self) -> &OptimizerBase {
        &self.0
    }

    fn update_step(&self, update: &Update) -> Result<()> {
        let step = update.gradient.sign() * &update.learning_rate;
        update.variable.assign(&(update.variable.read() - step))
    }
}

#[test]
fn an_optimizer_of_ones_own_trains_in_fit_and_by_hand() {
    let w = Variable::new("w", Tensor::from([1.0f32, -2.0])).unwrap();
    let optimizer = SignDescent(OptimizerBase::new("sign_descent", 0.25));
    for _ in 0..3 {
        optimizer
            .minimize(|| w.read().square().sum(..), std::slice::from_ref(&w))
            .unwrap();
    }
    assert_eq!(w.read().to_vec::<f32>().unwrap(), [0.25, -1.25]);
    let (x, y) = data();
    let mut model = model();
    let optimizer = SignDescent(OptimizerBase::new("sign_descent", 0.001));
    model
        .compile(Compile::new().optimizer(optimizer).loss("mse"))
        .unwrap();
    let history = model.fit((&x, &y), options()).unwrap();
    assert!(history["loss"][2] < history["loss"][0]);
}

/// Trains a model by hand, with its step wrapped in a function or not; the mean of the losses of each epoch.
fn by_hand(is_wrapped: bool) -> Vec<f64> {
    let (x, y) = data();
    let model = model();
    let variables = model.trainable_variables();
    let (optimizer, mean) = (Adam::new(), Arc::new(Mean::new()));
    optimizer.build(&variables).unwrap();
    let step = {
        let mean = Arc::clone(&mean);
        move |batch: &[Tensor]| {
            let tape = GradientTape::new();
            let y_pred = model.call(&batch[0])?;
            let loss = MeanSquaredError::new().compute(&batch[1], &y_pred, None);
            let gradients = tape.gradient(&loss, &variables);
            optimizer.apply_gradients(&zip(gradients, &variables))?;
            mean.update_state(&loss, None)?;
            Ok(Vec::new())
        }
    };
    let wrapped = function(step);
    let unwrapped = wrapped.clone();
    let mut losses = Vec::new();
    for _ in 0..3 {
        mean.reset_state().unwrap();
        for first in (0..16).step_by(4) {
            let batch = [x.slice(first..first + 4), y.slice(first..first + 4)];
            if is_wrapped {
                wrapped.call(&batch).unwrap();
            } else {
                unwrapped.run_eagerly(&batch).unwrap();
            }
        }
        losses.push(mean.result().item::<f64>().unwrap());
    }
    losses
}

#[test]
fn a_loop_by_hand_gives_the_numbers_of_fit_wrapped_or_not() {
    let (x, y) = data();
    let mut model = model();
    model
        .compile(Compile::new().optimizer("adam").loss("mse"))
        .unwrap();
    let history = model.fit((&x, &y), options()).unwrap();
    for is_wrapped in [true, false] {
        for (got, wanted) in by_hand(is_wrapped).iter().zip(&history["loss"]) {
            // Other fusions round otherwise.
            assert!((got - wanted).abs() <= 1e-5 * wanted, "{got} {wanted}");
        }
    }
}
