//! Notes 002 and 004: the least value of a x^2 + b x + c, by `apply_gradients`, by `minimize` and by `fit`.
//!
//! `cargo run --release --example seed_002_optimizers`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use std::sync::Arc;

use hornblende::prelude::*;
use shared::check::Keras;
use shared::models::FakeModel;

fn main() -> Result<()> {
    let mut keras = Keras::recorded("seed_002_optimizers")?;
    apply_gradients(&mut keras)?;
    minimize(&mut keras)?;
    model_fit(&mut keras)?;
    keras.compared()
}

/// The parabola of the notes.
fn f(x: &Variable) -> Tensor {
    let (a, b, c) = (1.0, -2.0, 1.0);
    x.read().pow(2.0) * a + x.read() * b + c
}

/// 使用 optimizer.apply_gradients
fn apply_gradients(keras: &mut Keras) -> Result<()> {
    let x = Variable::new("x", 0.0f32)?;
    let optimizer = SGD::new().learning_rate(0.01);
    let mut trajectory = Vec::new();
    loop {
        let tape = GradientTape::new();
        let y = f(&x);
        let dy_dx = tape.gradient(&y, &x);
        optimizer.apply_gradients(&[(dy_dx.clone(), x.clone())])?;
        note(&mut trajectory, &optimizer, &x)?;
        if dy_dx.abs().item::<f32>()? < 0.00001 {
            break;
        }
    }
    let case = "quadratic_apply_gradients_0";
    keras.check(case, "x", &x.read(), &[0.99999523])?;
    keras.check(case, "y", &f(&x), &[0.0])?;
    keras.check(case, "iterations", &optimizer.iterations(), &[606.0])?;
    keras.check_recorded(case, "trajectory", &Tensor::from(trajectory))
}

/// 使用 optimizer.minimize
fn minimize(keras: &mut Keras) -> Result<()> {
    let x = Variable::new("x", 0.0f32)?;
    let optimizer = SGD::new().learning_rate(0.01);
    let mut trajectory = Vec::new();
    for _ in 0..1000 {
        optimizer.minimize(|| f(&x), std::slice::from_ref(&x))?;
        note(&mut trajectory, &optimizer, &x)?;
    }
    let case = "quadratic_minimize_0";
    keras.check(case, "y", &f(&x), &[0.0])?;
    keras.check(case, "x", &x.read(), &[0.99999857])?;
    keras.check(case, "iterations", &optimizer.iterations(), &[1000.0])?;
    keras.check_recorded(case, "trajectory", &Tensor::from(trajectory))
}

/// Prints and keeps where x is after the first steps, and after every hundred.
fn note(trajectory: &mut Vec<f64>, optimizer: &SGD, x: &Variable) -> Result<()> {
    let step = optimizer.iterations().item::<i64>()?;
    if step <= 5 || step % 100 == 0 {
        println!("step = {step}, x = {}", x.read());
        trajectory.extend([step as f64, x.read().item::<f64>()?]);
    }
    Ok(())
}

/// 使用 model.fit
fn model_fit(keras: &mut Keras) -> Result<()> {
    let plain = SGD::new().lr(0.01);
    let nesterov = SGD::new().lr(0.01).momentum(0.9).nesterov(true);
    let decay = SGD::new().lr(0.01).decay(1e-6).momentum(0.9).nesterov(true);
    for (case, sgd, epochs, x) in [
        ("quadratic_fakemodel_sgd_0", plain, 10, 0.99999857),
        ("quadratic_fakemodel_nesterov_0", nesterov, 10, 0.9999999),
        ("quadratic_fakemodel_decay_0", decay, 3, 0.9999999),
    ] {
        let fake = FakeModel::new(1.0, -2.0, 1.0);
        let mut model = Model::from_layer(fake.clone());
        let myloss = |_: &Tensor, y_pred: &Tensor| y_pred.mean(..);
        let sgd = Arc::new(sgd);
        model.compile(Compile::new().loss(myloss).optimizer(Arc::clone(&sgd)))?;
        let (data, labels) = (
            Tensor::zeros([100, 2], DType::F32),
            Tensor::ones([100], DType::F32),
        );
        let options = Fit::new().batch_size(1).epochs(epochs).verbose(0);
        let history = model.fit((&data, &labels), options)?;
        model.summary();
        let loss = Tensor::from(history["loss"].to_vec());
        keras.check_recorded(case, "loss_per_epoch", &loss)?;
        keras.check(case, "x", &model.weights()[0].read(), &[x])?;
        keras.check(
            case,
            "iterations",
            &sgd.iterations(),
            &[100.0 * epochs as f64],
        )?;
        let output = fake.call(Tensor::zeros([1], DType::F32))?;
        keras.check(case, "final_output", &output, &[0.0])?;
    }
    Ok(())
}
