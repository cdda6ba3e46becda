//! Note 003, experiment 3: a model as a class, a loss of one's own, and a training loop by hand.
//!
//! `cargo run --release --example seed_003_custom_loop`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use std::sync::Arc;

use hornblende::data::{Element, FromElement};
use hornblende::{ops, prelude::*};
use shared::check::epochs;
use shared::data::Images;
use shared::losses::FocalLossOfClasses;
use shared::models::MyModel;

fn main() -> Result<()> {
    let images = Images::load()?;
    // 图片数据增加一个维度; 标签数据换成 one hot 编码
    let (x_train, x_test) = (
        images.x_train.expand_dims(-1),
        images.x_test.expand_dims(-1),
    );
    let (x_train, x_test): (Tensor, Tensor) = (x_train.eval()?.into(), x_test.eval()?.into());
    let y_train: Tensor = ops::one_hot(&images.y_train, 10).eval()?.into();
    let y_test: Tensor = ops::one_hot(&images.y_test, 10).eval()?.into();

    // 建立数据集
    let train_ds = Dataset::from_tensor_slices((&x_train, &y_train))
        .shuffle(10000)
        .batch(32);
    let test_ds = Dataset::from_tensor_slices((&x_test, &y_test)).batch(32);

    let model = MyModel::new();
    // The first call makes the weights.
    model.call(x_train.slice(0..1))?;
    let loss_object = Arc::new(FocalLossOfClasses { gamma: 2.0 });
    let optimizer = Adam::new();
    optimizer.build(&model.trainable_variables())?;

    let train_loss = Arc::new(Mean::new().name("train_loss"));
    let train_accuracy = Arc::new(CategoricalAccuracy::new().name("train_accuracy"));
    let test_loss = Arc::new(Mean::new().name("test_loss"));
    let test_accuracy = Arc::new(CategoricalAccuracy::new().name("test_accuracy"));

    // 将训练和检测的任务封装成函数
    let train_step = {
        let (model, loss_object) = (model.clone(), Arc::clone(&loss_object));
        let (train_loss, train_accuracy) = (Arc::clone(&train_loss), Arc::clone(&train_accuracy));
        function(move |batch| {
            let (images, labels) = (&batch[0], &batch[1]);
            let tape = GradientTape::new();
            let predictions = model.call(images)?;
            let loss = loss_object.compute(labels, &predictions, None);
            let gradients = tape.gradient(&loss, &model.trainable_variables());
            optimizer.apply_gradients(&zip(gradients, model.trainable_variables()))?;
            train_loss.update_state(&loss, None)?;
            train_accuracy.update_state(labels, &predictions, None)?;
            Ok(Vec::new())
        })
    };
    let test_step = {
        let (test_loss, test_accuracy) = (Arc::clone(&test_loss), Arc::clone(&test_accuracy));
        function(move |batch| {
            let predictions = model.call(&batch[0])?;
            let t_loss = loss_object.compute(&batch[1], &predictions, None);
            test_loss.update_state(&t_loss, None)?;
            test_accuracy.update_state(&batch[1], &predictions, None)?;
            Ok(Vec::new())
        })
    };

    // 训练模型
    let mut accuracies = Vec::new();
    for epoch in 0..epochs(5) {
        train_loss.reset_states()?;
        train_accuracy.reset_states()?;
        test_loss.reset_states()?;
        test_accuracy.reset_states()?;
        for batch in &train_ds {
            train_step.call(&tensors(batch?)?)?;
        }
        for batch in &test_ds {
            test_step.call(&tensors(batch?)?)?;
        }
        println!(
            "Epoch {}, Loss: {}, Accuracy: {}, Test Loss: {}, Test Accuracy: {}",
            epoch + 1,
            train_loss.result(),
            train_accuracy.result() * 100.0,
            test_loss.result(),
            test_accuracy.result() * 100.0,
        );
        accuracies.push(test_accuracy.result().item::<f64>()?);
    }
    // The loss applies a softmax to probabilities, as in the note, so it learns slowly; but better than by chance.
    assert!(
        accuracies.last().is_none_or(|accuracy| *accuracy > 0.15),
        "{accuracies:?}"
    );
    Ok(())
}

/// Images and labels of a batch.
fn tensors(batch: Element) -> Result<[Tensor; 2]> {
    let (images, labels) = FromElement::from_element(batch)?;
    Ok([images, labels])
}
