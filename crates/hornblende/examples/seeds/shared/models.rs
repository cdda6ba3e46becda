//! The models of the notes.

use hornblende::{layer, prelude::*};

/// 001: the model of the overview.
pub(crate) fn get_uncompiled_model() -> Result<Model> {
    let inputs = Input::new([784]).name("digits");
    let x = Dense::new(64)
        .activation("relu")
        .name("dense_1")
        .call(&inputs)?;
    let x = Dense::new(64).activation("relu").name("dense_2").call(&x)?;
    let outputs = Dense::new(10)
        .activation("softmax")
        .name("predictions")
        .call(&x)?;
    Model::new(&inputs, &outputs)
}

/// 001: the same, ready to be trained.
pub(crate) fn get_compiled_model() -> Result<Model> {
    let mut model = get_uncompiled_model()?;
    model.compile(
        Compile::new()
            .optimizer("rmsprop")
            .loss("sparse_categorical_crossentropy")
            .metrics(["sparse_categorical_accuracy"]),
    )?;
    Ok(model)
}

/// 001: adds a tenth of the sum of its input to the loss and passes the input on.
#[derive(Clone, Default)]
pub(crate) struct ActivityRegularizationLayer {
    base: LayerBase,
}

impl Layer for ActivityRegularizationLayer {
    layer!(ActivityRegularizationLayer);

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        call.add_loss(inputs[0].sum(..) * 0.1);
        Ok(inputs[0].clone())
    }
}

/// 001: logs the standard deviation of its input and passes the input on.
#[derive(Clone, Default)]
pub(crate) struct MetricLoggingLayer {
    base: LayerBase,
}

impl Layer for MetricLoggingLayer {
    layer!(MetricLoggingLayer);

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        call.add_metric("std_of_activation", &inputs[0].variance(..).sqrt());
        Ok(inputs[0].clone())
    }
}

/// 003: a model as a class.
#[derive(Clone)]
pub(crate) struct MyModel {
    base: LayerBase,
    conv1: Conv2D,
    flatten: Flatten,
    d1: Dense,
    d2: Dense,
}

impl MyModel {
    pub(crate) fn new() -> Self {
        Self {
            base: LayerBase::default(),
            conv1: Conv2D::new(32, 3).activation("relu"),
            flatten: Flatten::new(),
            d1: Dense::new(128).activation("relu"),
            d2: Dense::new(10).activation("softmax"),
        }
    }
}

impl Layer for MyModel {
    layer!(MyModel: conv1, flatten, d1, d2);

    fn forward(&self, x: &[Tensor], call: &Call) -> Result<Tensor> {
        let x = self.conv1.call_in(x, call)?;
        let x = self.flatten.call_in(&x, call)?;
        let x = self.d1.call_in(&x, call)?;
        self.d2.call_in(&x, call)
    }
}

/// 003, experiment 4: the same of functions.
pub(crate) fn my_keras_model(image: [usize; 3]) -> Result<Model> {
    let inputs = Input::new(image).name("digits");
    let x = Conv2D::new(32, 3).activation("relu").call(&inputs)?;
    let x = Flatten::new().call(&x)?;
    let x = Dense::new(128).activation("relu").call(&x)?;
    let outputs = Dense::new(10)
        .activation("softmax")
        .name("predictions")
        .call(&x)?;
    Model::new(&inputs, &outputs)
}

/// 002 and 004: a model whose only weight is x, and whose output is a x^2 + b x + c for every entry of the input.
#[derive(Clone)]
pub(crate) struct FakeModel {
    base: LayerBase,
    a: f64,
    b: f64,
    c: f64,
}

impl FakeModel {
    pub(crate) fn new(a: f64, b: f64, c: f64) -> Self {
        Self {
            base: LayerBase::default(),
            a,
            b,
            c,
        }
    }
}

impl Layer for FakeModel {
    layer!(FakeModel);

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.base.track("x", Variable::new("x", 0.0f32)?);
        Ok(())
    }

    fn forward(&self, features: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = self.base.built_variable("x")?.read();
        let loss = x.square() * self.a + x * self.b + self.c;
        Ok(loss.broadcast_to(features[0].shape().clone()))
    }
}
