//! Note 004, optimizers: names and values, schedules, clipping, a loop by hand, weights that are read and set. The least
//! value of a parabola is in `seed_002_optimizers`.
//!
//! `cargo run --release --example seed_004_optimizers`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use std::sync::Arc;

use hornblende::Value;
use hornblende::prelude::*;
use shared::check::{Keras, check};

fn main() -> Result<()> {
    built_in()?;
    custom_training()?;
    let mut keras = Keras::recorded("seed_004_optimizers")?;
    schedules(&mut keras)?;
    clipping(&mut keras)?;
    weights(&mut keras)?;
    keras.compared()
}

fn data() -> (Tensor, Tensor) {
    let x = Tensor::from_vec([32, 10], (0..320).map(|k| (k % 13) as f32 / 13.0).collect());
    let y = Tensor::from_vec([32], (0..32).map(|k| k % 3).collect::<Vec<i32>>())
        .one_hot(64, DType::F32);
    (x, y)
}

fn model() -> Sequential {
    Sequential::new()
        .add(
            Dense::new(64)
                .kernel_initializer("uniform")
                .input_shape([10]),
        )
        .add(Activation::new("softmax"))
}

/// TensorFlow 内置优化器; 模型编译和拟合
fn built_in() -> Result<()> {
    let (x, y) = data();
    let optimizers = [
        SGD::new().lr(0.01).into_optimizer()?,
        SGD::new().lr(0.01).momentum(0.1).into_optimizer()?,
        SGD::new().lr(0.01).nesterov(true).into_optimizer()?,
        RMSprop::new().lr(0.001).into_optimizer()?,
        Adagrad::new().lr(0.01).into_optimizer()?,
        Adadelta::new().lr(1.0).into_optimizer()?,
        Adam::new().lr(0.001).into_optimizer()?,
        Adamax::new().lr(0.02).into_optimizer()?,
        Nadam::new().lr(0.002).into_optimizer()?,
        "sgd".into_optimizer()?,
        "rmsprop".into_optimizer()?,
        "adagrad".into_optimizer()?,
        "adadelta".into_optimizer()?,
        "adam".into_optimizer()?,
        "adamax".into_optimizer()?,
        "nadam".into_optimizer()?,
    ];
    // The note also writes these, which are names of methods; Keras has them as arguments of SGD.
    for name in ["sgdm", "nag"] {
        assert!(name.into_optimizer().is_err());
    }
    for optimizer in optimizers {
        let mut model = model();
        model.compile(
            Compile::new()
                .loss("categorical_crossentropy")
                .optimizer(Arc::clone(&optimizer)),
        )?;
        let history = model.fit((&x, &y), Fit::new().epochs(2).verbose(0))?;
        println!("{}: {:?}", optimizer.class_name(), &history["loss"]);
        assert!(history["loss"][1] <= history["loss"][0]);
    }
    Ok(())
}

/// 自定义迭代训练
fn custom_training() -> Result<()> {
    let (x, y) = data();
    let (model, loss_fn) = (model(), CategoricalCrossentropy::new());
    let optimizer = Adam::new();
    let variables = model.trainable_variables();
    let mut losses = Vec::new();
    for first in (0..32).step_by(8) {
        let (x, y) = (x.slice(first..first + 8), y.slice(first..first + 8));
        let tape = GradientTape::new();
        let probabilities = model.call(&x)?;
        let loss_value = loss_fn.compute(&y, &probabilities, None);
        let gradients = tape.gradient(&loss_value, &variables);
        optimizer.apply_gradients(&zip(gradients, &variables))?;
        losses.push(loss_value.item::<f64>()?);
    }
    println!("by hand: {losses:?}");
    assert!(losses[3] < losses[0]);
    Ok(())
}

/// 学习率衰减和调度
fn schedules(keras: &mut Keras) -> Result<()> {
    let lr_schedule = ExponentialDecay::new(1e-2, 10000.0, 0.9);
    let at = |step: i64| lr_schedule.call(&Tensor::from(step));
    let rates = Tensor::stack(&[at(0), at(1), at(100), at(10000), at(25000)], 0);
    keras.check(
        "exponential_decay",
        "learning_rate",
        &rates,
        &[0.01, 0.009999895, 0.009989469, 0.009, 0.0076843337],
    )?;
    let optimizer = SGD::new().learning_rate(lr_schedule).into_optimizer()?;
    check(
        "rate of the first step",
        &optimizer.learning_rate(),
        &[0.01],
    )
}

/// TensorFlow 优化器共有参数
fn clipping(keras: &mut Keras) -> Result<()> {
    // All of the gradient at most 1 long.
    let sgd = SGD::new().lr(0.01).clipnorm(1.0);
    let wanted = [
        0.00636828,
        0.00015458144,
        0.00022612586,
        0.0036065679,
        -0.0054397546,
        0.0040953304,
    ];
    keras.check("sgd_clipnorm", "variable_after", &step(&sgd)?, &wanted)?;

    // Each number of the gradient between -0.5 and 0.5.
    let sgd = SGD::new().lr(0.01).clipvalue(0.5);
    let wanted = [0.005, 0.00084179256, 0.0012313966, 0.005, -0.005, 0.005];
    keras.check("sgd_clipvalue", "variable_after", &step(&sgd)?, &wanted)
}

/// Where a step leads that starts at 0.
fn step(optimizer: &SGD) -> Result<Tensor> {
    let gradient = Tensor::from([
        [-3.4679263f32, -0.08417926, -0.123139665],
        [-1.9640015, 2.9622862, -2.2301633],
    ]);
    let x = Variable::new("x", Tensor::zeros([2, 3], DType::F32))?;
    optimizer.apply_gradients(&[(gradient, x.clone())])?;
    Ok(x.read())
}

/// get_weights, set_weights
fn weights(keras: &mut Keras) -> Result<()> {
    let case = "rmsprop_get_weights";
    let opt = Arc::new(RMSprop::new());
    let mut m = Sequential::new().add(Dense::new(10).input_shape([20]));
    // The kernel that Keras began with; without it, one of our own.
    if let Some(kernel) = keras.input(case, "kernel") {
        m.weights()[0].assign(&kernel)?;
    }
    m.compile(Compile::new().optimizer(Arc::clone(&opt)).loss("mse"))?;
    let data = Tensor::from_vec([5, 20], (0..100).map(|k| k as f32).collect());
    let labels = Tensor::zeros([5, 10], DType::F32);
    println!("Training");
    let results = m.fit((&data, &labels), Fit::new().verbose(2))?;
    let weights = opt.get_weights();
    let numbers: Vec<f64> = weights.iter().flat_map(Value::to_f64_vec).collect();
    keras.check_recorded(case, "loss", &Tensor::from(results["loss"].to_vec()))?;
    keras.check_recorded(case, "optimizer_variables", &Tensor::from(numbers))?;
    keras.check_recorded(case, "kernel_after", &m.weights()[0].read())?;
    keras.check_recorded(case, "bias_after", &m.weights()[1].read())?;

    let mut new_weights = weights;
    new_weights[0] = Value::scalar(10i64);
    new_weights[2] = Value::full([20, 10], DType::F32, 1.0);
    new_weights[3] = Value::zeros([10], DType::F32);
    opt.set_weights(&new_weights)?;
    check("iterations", &opt.iterations(), &[10.0])
}
