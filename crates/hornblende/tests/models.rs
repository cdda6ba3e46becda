//! Models as a user makes them: graphs found from symbolic tensors, sequential lists, nesting, sharing.

use std::any::Any;

use hornblende::layers::clear_session;
use hornblende::prelude::*;
use hornblende::{Spec, layers};

/// The README's model.
fn mlp() -> Result<Model> {
    let inputs = Input::new([784]).name("digits");
    let x = Dense::new(64)
        .activation("relu")
        .name("dense_1")
        .call(&inputs)?;
    let x = Dropout::new(0.5).name("dropout").call(&x)?;
    let outputs = Dense::new(10)
        .activation("softmax")
        .name("predictions")
        .call(&x)?;
    Ok(Model::new(&inputs, &outputs)?.with_name("mlp"))
}

fn names(model: &Model) -> Vec<String> {
    model.layers().iter().map(|layer| layer.name()).collect()
}

fn ramp(shape: impl Into<Shape>) -> Tensor {
    let shape = shape.into();
    let numbers = (0..shape.len()).map(|k| (k as f32 * 0.37).sin()).collect();
    Tensor::from_vec(shape, numbers)
}

#[test]
fn a_model_computes_what_its_layers_compute() {
    let (first, second) = (Dense::new(3).activation("relu"), Dense::new(2));
    let inputs = Input::new([4]);
    let outputs = second.call(first.call(&inputs).unwrap()).unwrap();
    let model = Model::new(&inputs, &outputs).unwrap();
    let x = ramp([5, 4]);
    let by_hand = second.call(first.call(&x).unwrap()).unwrap();
    let by_model = model.call(&x).unwrap();
    assert_eq!(
        by_model.to_vec::<f32>().unwrap(),
        by_hand.to_vec::<f32>().unwrap()
    );
    assert_eq!(model.output_specs()[0].shape.to_string(), "(None, 2)");
}

#[test]
fn the_softmax_of_a_model_remembers_its_logits_also_when_nested() {
    let model = mlp().unwrap();
    let y = model.call(ramp([2, 784])).unwrap();
    assert!(y.remark("softmax_logits").is_some());
    let outer = Sequential::new().add(Input::new([784])).add(model);
    assert!(
        outer
            .call(ramp([2, 784]))
            .unwrap()
            .remark("softmax_logits")
            .is_some()
    );
}

#[test]
fn plain_arithmetic_between_layers_is_part_of_the_model() {
    let inputs = Input::new([3]);
    let x = Dense::new(3)
        .kernel_initializer("ones")
        .call(&inputs)
        .unwrap();
    let outputs = (&x * 2.0 + &*inputs).exp().sum(-1) + Tensor::from(1.0f32);
    let model = Model::new(&inputs, &outputs).unwrap();
    let y = model.call(Tensor::zeros([2, 3], DType::F32)).unwrap();
    assert_eq!(y.to_vec::<f32>().unwrap(), [4.0, 4.0]);
    assert_eq!(model.layers().len(), 2);
}

#[test]
fn layers_are_listed_by_depth_and_then_as_they_are_met() {
    let (left, right) = (Input::new([4]).name("left"), Input::new([4]).name("right"));
    let a = Dense::new(3).name("a").call(&left).unwrap();
    let b = Dense::new(3).name("b").call(&right).unwrap();
    let b = Dense::new(3).name("c").call(&b).unwrap();
    let both = Concatenate::new().name("both").call([&a, &b]).unwrap();
    let out = Dense::new(1).name("out").call(&both).unwrap();
    let model = Model::new([&left, &right], &out).unwrap();
    assert_eq!(
        names(&model),
        ["right", "left", "b", "a", "c", "both", "out"]
    );
    assert_eq!(model.input_names(), ["left", "right"]);
}

#[test]
fn a_shared_layer_has_one_set_of_weights() {
    let shared = Dense::new(4).name("shared");
    let (a, b) = (Input::new([4]).name("a"), Input::new([4]).name("b"));
    let once = shared.call(&a).unwrap();
    let twice = shared.call(shared.call(&b).unwrap()).unwrap();
    let sum = Add::new().name("sum").call([&once, &twice]).unwrap();
    let model = Model::new([&a, &b], &sum).unwrap();
    assert_eq!((model.weights().len(), model.count_params()), (2, 20));
    assert_eq!(names(&model).iter().filter(|n| *n == "shared").count(), 1);
    let text = model.summary_text();
    assert!(
        text.contains("shared[0][0]") && text.contains("shared[2][0]"),
        "{text}"
    );
}

#[test]
fn several_inputs_and_outputs_keep_their_order_and_names() {
    let (a, b) = (Input::new([2]).name("a"), Input::new([3]).name("b"));
    let both = Concatenate::new().call([&a, &b]).unwrap();
    let x = Dense::new(4).name("body").call(&both).unwrap();
    let score = Dense::new(1).name("score").call(&x).unwrap();
    let label = Dense::new(2)
        .activation("softmax")
        .name("label")
        .call(&x)
        .unwrap();
    let model = Model::new([&a, &b], [&label, &score]).unwrap();
    assert_eq!(model.output_names(), ["label", "score"]);
    let outputs = model.call_all([&ramp([5, 2]), &ramp([5, 3])]).unwrap();
    let shapes: Vec<String> = outputs.iter().map(|o| o.shape().to_string()).collect();
    assert_eq!(shapes, ["(5, 2)", "(5, 1)"]);
    let error = model
        .call([&ramp([5, 2]), &ramp([5, 3])])
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("call: expected a layer of one result; got 2 results. Use call_all.")
    );
}

#[test]
fn two_outputs_of_one_layer_get_names_of_their_own() {
    let inputs = Input::new([2]);
    let layer = Dense::new(2).name("same");
    let one = layer.call(&inputs).unwrap();
    let two = layer.call(&one).unwrap();
    let model = Model::new(&inputs, [&one, &two]).unwrap();
    assert_eq!(model.output_names(), ["same", "same_1"]);
}

#[test]
fn models_nest_and_share_their_weights() {
    let inner_input = Input::new([4]);
    let code = Dense::new(2).name("code").call(&inner_input).unwrap();
    let encoder = Model::new(&inner_input, &code)
        .unwrap()
        .with_name("encoder");
    let inputs = Input::new([4]);
    let outputs = Dense::new(4)
        .name("decode")
        .call(encoder.call(&inputs).unwrap())
        .unwrap();
    let model = Model::new(&inputs, &outputs).unwrap();
    assert_eq!(model.count_params(), 10 + 12);
    assert_eq!(
        model.get_layer("encoder").unwrap().class_name(),
        "Functional"
    );
    encoder
        .set_weights(&[
            Tensor::ones([4, 2], DType::F32),
            Tensor::zeros([2], DType::F32),
        ])
        .unwrap();
    assert_eq!(model.get_weights()[0].to_vec::<f32>().unwrap(), [1.0; 8]);
    encoder.set_trainable(false);
    assert_eq!(model.trainable_variables().len(), 2);
    assert_eq!(model.non_trainable_variables().len(), 2);
}

#[test]
fn a_part_of_a_model_is_a_model() {
    let model = mlp().unwrap();
    let inner = model.get_layer("dense_1").unwrap();
    let inputs = Input::new([784]);
    let hidden = inner.call(&inputs).unwrap();
    let features = Model::new(&inputs, &hidden).unwrap();
    assert_eq!(features.output_specs()[0].shape.to_string(), "(None, 64)");
    let x = Input::new([4]);
    let h = Dense::new(3).call(&x).unwrap();
    let y = Dense::new(2).call(&h).unwrap();
    let head = Model::new(&h, &y).unwrap();
    assert_eq!(head.call(ramp([1, 3])).unwrap().shape().dims(), [1, 2]);
}

#[test]
fn graphs_that_cannot_be_are_told() {
    let (a, b) = (Input::new([2]).name("a"), Input::new([2]).name("b"));
    let sum = Add::new().name("sum").call([&a, &b]).unwrap();
    let message = |model: Result<Model>| model.unwrap_err().to_string();

    let (got, line) = (message(Model::new(&a, &sum)), line!());
    let expected = format!(
        "Model: expected outputs that follow from the inputs; got \"b\" of shape (None, 2), an Input that \
         the outputs need and the model does not name. Add it to the model's inputs. ({}:{line})",
        file!()
    );
    assert_eq!(got, expected);

    let got = message(Model::new([&a, &b, &Input::new([7]).name("c")], &sum));
    assert!(
        got.contains("got \"c\" of shape (None, 7), which leads to none. Leave it out"),
        "{got}"
    );
    let got = message(Model::new([&a, &b, &a], &sum));
    assert!(
        got.contains("expected inputs named once each; got \"a\""),
        "{got}"
    );
    let got = message(Model::new(Tensor::from([[1.0f32]]), &sum));
    assert!(got.contains("expected symbolic tensors"), "{got}");
    let got = message(Model::new(&a, Tensor::from([[1.0f32]])));
    assert!(got.contains("output 0"), "{got}");

    let one = Dense::new(2).name("same").call(&a).unwrap();
    let two = Dense::new(2).name("same").call(&one).unwrap();
    let got = message(Model::new(&a, &two));
    assert!(got.contains("got two layers named \"same\""), "{got}");
}

#[test]
fn inputs_that_do_not_fit_are_told_with_the_model() {
    let model = mlp().unwrap();
    let got = model.call(ramp([2, 783])).unwrap_err().to_string();
    assert!(
        got.starts_with(
            "input \"digits\" of the model: expected shape (None, 784); got (2, 783). None stands for any \
             size; the first axis counts samples. (layer \"mlp\", "
        ),
        "{got}"
    );
    let got = model
        .call([&ramp([2, 784]), &ramp([2, 784])])
        .unwrap_err()
        .to_string();
    assert!(
        got.starts_with("model: expected 1 inputs (digits); got 2."),
        "{got}"
    );
    let got = model.get_layer("dense1").unwrap_err().to_string();
    assert!(got.contains("Did you mean \"dense_1\"?"), "{got}");
}

#[test]
fn integers_and_doubles_become_what_the_input_wants() {
    let model = Sequential::new()
        .add(Input::new([3]))
        .add(Dense::new(1).kernel_initializer("ones"));
    for dtype in [DType::U8, DType::I32, DType::F64] {
        let y = model.call(Tensor::ones([2, 3], dtype)).unwrap();
        assert_eq!(
            (y.dtype(), y.to_vec::<f32>().unwrap()),
            (DType::F32, vec![3.0, 3.0])
        );
    }
}

#[test]
fn an_axis_of_size_one_at_the_end_is_added_or_dropped() {
    let model = Sequential::new().add(Input::new([1])).add(Dense::new(2));
    assert_eq!(model.call(ramp([4])).unwrap().shape().dims(), [4, 2]);
    assert_eq!(model.call(ramp([4, 1, 1])).unwrap().shape().dims(), [4, 2]);
}

#[test]
fn a_sequential_model_is_built_as_soon_as_its_input_is_known() {
    let by_input = Sequential::new().add(Input::new([5])).add(Dense::new(2));
    let by_shape = Sequential::new().add(Dense::new(2).input_shape([5]));
    let by_model = Sequential::new().add(by_shape).add(Dense::new(3));
    let by_data = Sequential::new().add(Dense::new(2));
    assert_eq!(
        (by_input.count_params(), by_model.count_params()),
        (12, 12 + 9)
    );
    assert!(by_input.is_built() && by_model.is_built() && !by_data.is_built());
    by_data.call(ramp([7, 5])).unwrap();
    assert!(by_data.is_built());
    assert_eq!(by_data.input_specs()[0].shape.to_string(), "(None, 5)");
    assert_eq!(by_data.call(ramp([1, 5])).unwrap().shape().dims(), [1, 2]);
}

#[test]
fn a_sequential_model_lists_its_layers_without_the_input() {
    clear_session();
    let model = Sequential::new()
        .add(Input::new([8, 8, 1]))
        .add(Conv2D::new(2, 3))
        .add(MaxPooling2D::new())
        .add(Flatten::new())
        .add(Dense::new(3))
        .add(Dense::new(3));
    assert_eq!(
        names(&model),
        ["conv2d", "max_pooling2d", "flatten", "dense", "dense_1"]
    );
    assert_eq!(model.name(), "sequential");
    let kernels: Vec<String> = model
        .weights()
        .iter()
        .map(|w| w.name().to_string())
        .collect();
    assert_eq!(kernels[0], "conv2d/kernel");
    assert_eq!(kernels[5], "dense_1/bias");
}

#[test]
fn what_goes_wrong_in_add_is_told_by_whoever_uses_the_model() {
    let model = Sequential::new().add(Input::new([5]));
    let (model, line) = (model.add(Conv2D::new(2, 3).name("conv")), line!());
    let model = model.add(Dense::new(2));
    for error in [
        model.call(ramp([1, 5])).unwrap_err(),
        model.build(&[]).unwrap_err(),
    ] {
        let error = error.to_string();
        assert!(
            error.starts_with("input of Conv2D: expected 4 axes; got shape (None, 5)."),
            "{error}"
        );
        let end = format!("(layer \"conv\", {}:{line})", file!());
        assert!(error.ends_with(&end), "{error}");
    }
    let late = Sequential::new().add(Dense::new(1)).add(Input::new([5]));
    let error = late.call(ramp([1, 5])).unwrap_err().to_string();
    assert!(
        error.contains("expected an Input as the first layer only"),
        "{error}"
    );
    let error = Sequential::new()
        .call(ramp([1, 5]))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("Sequential: expected at least one layer; got none."),
        "{error}"
    );
}

#[test]
fn layers_can_be_taken_away_and_added_again() {
    let mut model = Sequential::new()
        .add(Input::new([4]))
        .add(Dense::new(3))
        .add(Dense::new(2));
    assert_eq!(model.pop().unwrap().class_name(), "Dense");
    assert_eq!(model.output_specs()[0].shape.to_string(), "(None, 3)");
    model.push(Dense::new(1));
    assert_eq!(model.call(ramp([2, 4])).unwrap().shape().dims(), [2, 1]);
}

/// A model of the user's own: two layers and a sum.
#[derive(Clone)]
struct Residual {
    base: LayerBase,
    first: Dense,
    second: Dense,
}

impl Layer for Residual {
    fn base(&self) -> &LayerBase {
        &self.base
    }
    fn class_name(&self) -> &'static str {
        "Residual"
    }
    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        let x = self.first.call_with(&inputs[0], call)?.remove(0);
        call.add_loss(x.square().sum(..));
        Ok(&inputs[0] + self.second.call_with(&x, call)?.remove(0))
    }
    fn sublayers(&self) -> Vec<std::sync::Arc<dyn Layer>> {
        vec![self.first.handle(), self.second.handle()]
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn residual() -> Residual {
    Residual {
        base: LayerBase::default(),
        first: Dense::new(2).name("first"),
        second: Dense::new(3).name("second"),
    }
}

#[test]
fn a_layer_of_the_users_own_is_a_model_and_its_losses_are_collected_once() {
    let model = Model::from_layer(residual().name("residual"));
    assert!(!model.is_built());
    let spec = Spec {
        shape: Shape::from([9, 3]),
        dtype: DType::F32,
    };
    model.build(&[spec]).unwrap();
    assert_eq!(names(&model), ["first", "second"]);
    assert_eq!(
        (model.name().as_str(), model.count_params()),
        ("residual", 8 + 9)
    );
    let (outputs, losses) = model.forward(&[ramp([4, 3])], true).unwrap();
    assert_eq!(outputs[0].shape().dims(), [4, 3]);
    assert_eq!(losses.len(), 1);

    let inputs = Input::new([3]);
    let outputs = residual().call(&inputs).unwrap();
    let functional = Model::new(&inputs, &outputs).unwrap();
    assert_eq!(
        functional.forward(&[ramp([4, 3])], false).unwrap().1.len(),
        1
    );
}

#[test]
fn training_reaches_the_layers_of_a_nested_model() {
    let inner = Sequential::new()
        .add(Input::new([100]))
        .add(Dropout::new(0.5).seed(1));
    let outer = Sequential::new().add(Input::new([100])).add(inner);
    let ones = [Tensor::ones([1, 100], DType::F32)];
    let count = |training| {
        let outputs = outer.forward(&ones, training).unwrap().0;
        outputs[0]
            .equal(0.0)
            .cast(DType::F32)
            .sum(..)
            .item::<f32>()
            .unwrap()
    };
    assert_eq!(count(false), 0.0);
    assert!((20.0..80.0).contains(&count(true)));
}

#[test]
fn weights_are_set_all_or_not_at_all() {
    let model = Sequential::new()
        .add(Input::new([2]))
        .add(Dense::new(1))
        .with_name("small");
    let before = model.get_weights();
    let kernel = Tensor::from([[1.0f64], [2.0]]);
    let wrong = [kernel.clone(), Tensor::from([1.0f32, 2.0])];
    let line = line!() + 1;
    let error = model.set_weights(&wrong).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "set_weights: expected (1,) for \"{}\"; got (2,). (layer \"small\", {}:{line})",
            model.weights()[1].name(),
            file!()
        )
    );
    let error = model
        .set_weights(std::slice::from_ref(&kernel))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("set_weights: expected 2 weights; got 1."),
        "{error}"
    );
    let same = |a: &Tensor, b: &Tensor| a.to_vec::<f32>().unwrap() == b.to_vec::<f32>().unwrap();
    assert!(
        before
            .iter()
            .zip(&model.get_weights())
            .all(|(a, b)| same(a, b))
    );
    model
        .set_weights(&[kernel, Tensor::from([0.5f32])])
        .unwrap();
    let y = model.call(Tensor::from([[1.0f32, 1.0]])).unwrap();
    assert_eq!(y.item::<f32>().unwrap(), 3.5);
}

#[test]
fn a_mask_passes_through_layers_that_keep_samples_apart() {
    let model = Sequential::new()
        .add(Input::new([3, 2]))
        .add(Dense::new(4))
        .add(Dropout::new(0.5))
        .add(Activation::new("tanh"));
    let mask = Tensor::from([[1i32, 1, 0]]).cast(DType::Bool);
    let y = model
        .call(ramp([1, 3, 2]).with_remark("mask", &mask))
        .unwrap();
    assert_eq!(
        y.remark("mask").unwrap().to_vec::<i32>().unwrap(),
        [1, 1, 0]
    );
    let flat = layers::Flatten::new().call(&y).unwrap();
    assert!(flat.remark("mask").is_none());
}

#[test]
fn images_of_any_size_pass_through_convolutions() {
    let inputs = Input::new([Shape::UNKNOWN, Shape::UNKNOWN, 3]);
    let x = Conv2D::new(4, 3)
        .strides(2)
        .padding("same")
        .call(&inputs)
        .unwrap();
    let x = MaxPooling2D::new().call(&x).unwrap();
    assert_eq!(x.shape().to_string(), "(None, None, None, 4)");
    let model = Model::new(&inputs, &x).unwrap();
    assert_eq!(
        model.call(ramp([1, 9, 17, 3])).unwrap().shape().dims(),
        [1, 2, 4, 4]
    );
}

#[test]
fn a_model_deeper_than_the_stack_is_found_and_run() {
    let inputs = Input::new([1]);
    let mut x = (*inputs).clone();
    for _ in 0..20_000 {
        x = x + 1.0;
    }
    let model = Model::new(&inputs, &x).unwrap();
    assert_eq!(
        model
            .call(Tensor::from([[0.0f32]]))
            .unwrap()
            .item::<f32>()
            .unwrap(),
        20_000.0
    );
}

#[test]
fn models_can_go_to_another_thread() {
    let model = mlp().unwrap();
    let work = move || model.call(ramp([1, 784])).unwrap().to_vec::<f32>().unwrap();
    let sum: f32 = std::thread::spawn(work).join().unwrap().iter().sum();
    // Ten rounded probabilities and their sum.
    assert!((sum - 1.0).abs() < 20.0 * f32::EPSILON, "{sum}");
}

#[test]
fn the_summary_is_kerass() {
    let golden = include_str!("golden/terminal/linear.txt");
    let (_, golden) = golden.split_once('\n').unwrap();
    assert_eq!(mlp().unwrap().summary_text(), golden);
}

#[test]
fn the_summary_of_a_model_that_waits_for_data_says_so() {
    let model = Sequential::new()
        .add(Dense::new(3).name("dense"))
        .with_name("unbuilt");
    let golden = include_str!("golden/terminal/unbuilt.txt");
    let (_, golden) = golden.split_once('\n').unwrap();
    assert_eq!(model.summary_text(), golden);
}

#[test]
fn nested_models_are_expanded_when_asked_for() {
    let encoder = Sequential::new()
        .with_name("encoder")
        .add(Input::new([16]))
        .add(Dense::new(8).name("inner_dense"))
        .add(Dense::new(4).name("inner_out"));
    let deeper = Sequential::new()
        .with_name("deeper")
        .add(Input::new([16]))
        .add(encoder)
        .add(Dense::new(4).name("after"));
    let model = Sequential::new()
        .with_name("nested")
        .add(Input::new([16]))
        .add(deeper)
        .add(Dense::new(2).name("head"));
    let golden = |text: &str| text.split_once('\n').unwrap().1.to_owned();
    assert_eq!(
        model.summary_text(),
        golden(include_str!("golden/terminal/nested.txt"))
    );
    let table = model
        .summary_table()
        .expand_nested(true)
        .show_trainable(true);
    let expected = golden(include_str!(
        "golden/terminal/nested_expanded_trainable.txt"
    ));
    assert_eq!(table.line_length(100).to_string(), expected);
}
