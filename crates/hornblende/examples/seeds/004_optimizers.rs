//! Note 004, optimizers: names and values, schedules, clipping, a loop by hand, weights that are read and set. The least
//! value of a parabola is in `seed_002_optimizers`.
//!
//! `cargo run --release --example seed_004_optimizers`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use std::sync::Arc;

use hornblende::Value;
use hornblende::prelude::*;
use shared::check::check;

fn main() -> Result<()> {
    built_in()?;
    custom_training()?;
    schedules()?;
    clipping()?;
    weights()
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
fn schedules() -> Result<()> {
    let lr_schedule = ExponentialDecay::new(1e-2, 10000.0, 0.9);
    let at = |step: i64| lr_schedule.call(&Tensor::from(step));
    let rates = Tensor::stack(&[at(0), at(1), at(100), at(10000), at(25000)], 0);
    check(
        "rates",
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
fn clipping() -> Result<()> {
    let gradient = Tensor::from([3.0f32, -4.0]);
    let x = Variable::new("x", Tensor::from([0.0f32, 0.0]))?;
    SGD::new()
        .lr(0.01)
        .clipnorm(1.0)
        .apply_gradients(&[(gradient.clone(), x.clone())])?;
    check("norm at most 1", &x.read(), &[-0.006, 0.008])?;
    let x = Variable::new("x", Tensor::from([0.0f32, 0.0]))?;
    SGD::new()
        .lr(0.01)
        .clipvalue(0.5)
        .apply_gradients(&[(gradient, x.clone())])?;
    check("values at most 0.5", &x.read(), &[-0.005, 0.005])
}

/// get_weights, set_weights
fn weights() -> Result<()> {
    let opt = Arc::new(RMSprop::new());
    let mut m = Sequential::new().add(Dense::new(10));
    m.compile(Compile::new().optimizer(Arc::clone(&opt)).loss("mse"))?;
    let data = Tensor::from_vec([5, 20], (0..100).map(|k| k as f32).collect());
    let labels = Tensor::zeros([5, 10], DType::F32);
    println!("Training");
    m.fit((&data, &labels), Fit::new().verbose(2))?;
    println!("{:?}", opt.get_weights());

    let mut new_weights = opt.get_weights();
    new_weights[0] = Value::scalar(10i64);
    new_weights[2] = Value::full([20, 10], DType::F32, 1.0);
    new_weights[3] = Value::zeros([10], DType::F32);
    opt.set_weights(&new_weights)?;
    check("iterations", &opt.iterations(), &[10.0])
}
