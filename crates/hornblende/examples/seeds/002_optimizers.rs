//! Notes 002 and 004: the least value of a x^2 + b x + c, by `apply_gradients`, by `minimize` and by `fit`.
//!
//! `cargo run --release --example seed_002_optimizers`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::prelude::*;
use shared::check::check;
use shared::models::FakeModel;

fn main() -> Result<()> {
    apply_gradients()?;
    minimize()?;
    model_fit()
}

/// The parabola of the notes.
fn f(x: &Variable) -> Tensor {
    let (a, b, c) = (1.0, -2.0, 1.0);
    x.read().pow(2.0) * a + x.read() * b + c
}

/// 使用 optimizer.apply_gradients
fn apply_gradients() -> Result<()> {
    let x = Variable::new("x", 0.0f32)?;
    let optimizer = SGD::new().learning_rate(0.01);
    loop {
        let tape = GradientTape::new();
        let y = f(&x);
        let dy_dx = tape.gradient(&y, &x);
        optimizer.apply_gradients(&[(dy_dx.clone(), x.clone())])?;
        if dy_dx.abs().item::<f32>()? < 0.00001 {
            break;
        }
        if optimizer.iterations().item::<i64>()? % 100 == 0 {
            println!("step = {}, x = {}", optimizer.iterations(), x.read());
        }
    }
    check("x", &x.read(), &[0.99999523])?;
    check("iterations", &optimizer.iterations(), &[606.0])
}

/// 使用 optimizer.minimize
fn minimize() -> Result<()> {
    let x = Variable::new("x", 0.0f32)?;
    let optimizer = SGD::new().learning_rate(0.01);
    for _ in 0..1000 {
        optimizer.minimize(|| f(&x), std::slice::from_ref(&x))?;
    }
    check("y", &f(&x), &[0.0])?;
    check("x", &x.read(), &[0.99999857])
}

/// 使用 model.fit
fn model_fit() -> Result<()> {
    let fake = FakeModel::new(1.0, -2.0, 1.0);
    let mut model = Model::from_layer(fake.clone());
    let myloss = |_: &Tensor, y_pred: &Tensor| y_pred.mean(..);
    let sgd = SGD::new().lr(0.01).decay(1e-6).momentum(0.9).nesterov(true);
    model.compile(Compile::new().loss(myloss).optimizer(sgd))?;
    let (x, y) = (
        Tensor::zeros([100, 2], DType::F32),
        Tensor::ones([100], DType::F32),
    );
    let history = model.fit((&x, &y), Fit::new().batch_size(1).epochs(3).verbose(0))?;
    model.summary();
    let loss = Tensor::from(history["loss"].to_vec());
    check("loss", &loss, &[0.062042743, 1.4603138e-07, 0.0])?;
    check("x", &model.weights()[0].read(), &[0.9999999])?;
    check(
        "output",
        &fake.call(Tensor::zeros([1], DType::F32))?,
        &[0.0],
    )
}
