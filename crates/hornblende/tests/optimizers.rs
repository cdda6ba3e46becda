//! Optimizers as a user meets them, beyond the numbers of Keras.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::sync::Arc;

use hornblende::config::{Config, Json};
use hornblende::optimizers::{self, OptimizerMap};
use hornblende::prelude::*;
use hornblende::{Value, function};

fn variable(x: f32) -> Variable {
    Variable::new("w", Tensor::from([x])).unwrap()
}

fn value(variable: &Variable) -> f32 {
    variable.read().item().unwrap()
}

#[test]
fn a_step_inside_a_trace_is_the_step_outside_to_the_bit() {
    let eager = (Adam::new().clipnorm(1.0), variable(0.7));
    let traced = (Arc::new(Adam::new().clipnorm(1.0)), variable(0.7));
    let step = {
        let (optimizer, w) = (Arc::clone(&traced.0), traced.1.clone());
        optimizer.build(std::slice::from_ref(&w)).unwrap();
        function(move |x| {
            optimizer.apply_gradients(&[(x[0].clone(), w.clone())])?;
            Ok(Vec::new())
        })
    };
    for k in 0..5 {
        let gradient = Tensor::from([(k as f32).sin() * 3.0]);
        (eager.0)
            .apply_gradients(&[(gradient.clone(), eager.1.clone())])
            .unwrap();
        step.call(&[gradient]).unwrap();
    }
    assert_eq!(value(&eager.1), value(&traced.1));
    assert_eq!(traced.0.iterations().item::<i64>().unwrap(), 5);
    assert_eq!(eager.0.get_weights(), traced.0.get_weights());
}

#[test]
fn the_learning_rate_can_be_set_between_steps() {
    let (optimizer, w) = (SGD::new().learning_rate(1.0), variable(0.0));
    let step = || optimizer.apply_gradients(&[(Tensor::from([1.0f32]), w.clone())]);
    step().unwrap();
    optimizer.set_learning_rate(0.25).unwrap();
    step().unwrap();
    assert_eq!(value(&w), -1.25);
    let scheduled = SGD::new().learning_rate(ExponentialDecay::new(0.1, 1.0, 0.5));
    let error = scheduled.set_learning_rate(0.1).unwrap_err().to_string();
    assert!(error.contains("got ExponentialDecay"), "{error}");
}

#[test]
fn older_spellings_divide_the_rate_by_the_step() {
    let (optimizer, w) = (SGD::new().lr(1.0).decay(1.0), variable(0.0));
    for _ in 0..3 {
        optimizer
            .apply_gradients(&[(Tensor::from([1.0f32]), w.clone())])
            .unwrap();
    }
    // 1, 1/2, 1/3 in F32.
    assert_eq!(value(&w), -1.0 - 0.5 - 1.0 / 3.0);
}

#[test]
fn a_closure_is_a_schedule() {
    let rate = |step: &Tensor| 1.0 / (step + 1.0);
    let (optimizer, w) = (SGD::new().learning_rate(rate), variable(0.0));
    for _ in 0..2 {
        optimizer
            .apply_gradients(&[(Tensor::from([1.0f32]), w.clone())])
            .unwrap();
    }
    assert_eq!(value(&w), -1.5);
}

#[test]
fn excluded_variables_do_not_decay() {
    let [kernel, bias] = ["dense/kernel", "dense/bias"]
        .map(|name| Variable::new(name, Tensor::from([1.0f32])).unwrap());
    let optimizer = SGD::new()
        .learning_rate(0.5)
        .weight_decay(0.5)
        .exclude_from_weight_decay(["bias"]);
    let zero = || Tensor::from([0.0f32]);
    optimizer
        .apply_gradients(&[(zero(), kernel.clone()), (zero(), bias.clone())])
        .unwrap();
    assert_eq!((value(&kernel), value(&bias)), (0.75, 1.0));
}

#[test]
fn wrong_arguments_are_told_by_name() {
    let text = |optimizer: SGD| optimizer.into_optimizer().err().unwrap().to_string();
    let two = text(SGD::new().clipnorm(1.0).clipvalue(1.0));
    assert!(two.contains("at most one of clipnorm, clipvalue"), "{two}");
    assert!(two.contains("got clipnorm and clipvalue"), "{two}");
    let zero = text(SGD::new().global_clipnorm(0.0));
    assert!(
        zero.contains("global_clipnorm: expected a number above 0"),
        "{zero}"
    );
    let steps = text(SGD::new().gradient_accumulation_steps(1));
    assert!(
        steps.contains("a whole number of at least 2; got 1"),
        "{steps}"
    );
    let ema = text(SGD::new().ema_momentum(1.5));
    assert!(ema.contains("a number from 0 to 1; got 1.5"), "{ema}");
    let both = text(
        SGD::new()
            .decay(0.1)
            .learning_rate(ExponentialDecay::new(1.0, 1.0, 1.0)),
    );
    assert!(
        both.contains("decay: expected a number as learning_rate"),
        "{both}"
    );
}

#[test]
fn a_failed_call_changes_nothing_and_names_the_line() {
    let (optimizer, w) = (RMSprop::new(), variable(1.0));
    optimizer.build(std::slice::from_ref(&w)).unwrap();
    let wide = Tensor::from([1.0f32, 2.0]);
    let pairs = [(wide, w.clone())];
    let error = optimizer.apply_gradients(&pairs).unwrap_err().to_string();
    let line = line!() - 1;
    assert!(
        error.contains("variable \"w\": expected a gradient of shape (1,)"),
        "{error}"
    );
    assert!(
        error.ends_with(&format!("optimizers.rs:{line})")),
        "{error}"
    );
    let error = optimizer.apply_gradients(&[(Tensor::from([1.0f32]), variable(1.0))]);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("the optimizer was built for"), "{error}");
    assert_eq!(
        (value(&w), optimizer.iterations().item::<i64>().unwrap()),
        (1.0, 0)
    );
    let twice = || (Tensor::from([1.0f32]), w.clone());
    let error = optimizer.apply_gradients(&[twice(), twice()]).unwrap_err();
    assert!(
        error.to_string().contains("one gradient for each variable"),
        "{error}"
    );
}

#[test]
fn weights_move_from_one_optimizer_to_another() {
    let steps = |optimizer: &Adam, w: &Variable, n: usize| {
        for _ in 0..n {
            let pairs = [(w.read() * 2.0, w.clone())];
            optimizer.apply_gradients(&pairs).unwrap();
        }
    };
    let (whole, w) = (Adam::new(), variable(1.0));
    steps(&whole, &w, 6);
    let (first, x) = (Adam::new(), variable(1.0));
    steps(&first, &x, 3);
    let second = Adam::new();
    second.build(std::slice::from_ref(&x)).unwrap();
    let mut weights = first.get_weights();
    second.set_weights(&weights).unwrap();
    steps(&second, &x, 3);
    assert_eq!(value(&w), value(&x));
    weights[2] = Value::zeros([7], DType::F32);
    let before = second.get_weights();
    assert!(second.set_weights(&weights).is_err());
    assert!(second.set_weights(&weights[1..]).is_err());
    assert_eq!(second.get_weights(), before);
}

#[test]
fn a_loss_that_depends_on_nothing_is_an_error() {
    let error = SGD::new().minimize(|| Tensor::from(1.0f32), &[variable(1.0)]);
    let text = error.unwrap_err().to_string();
    assert!(
        text.contains("a loss that depends on one of the variables"),
        "{text}"
    );
}

#[test]
fn a_global_norm_that_is_not_finite_makes_all_gradients_nan() {
    let (a, b) = (variable(1.0), variable(1.0));
    let optimizer = SGD::new().global_clipnorm(1.0);
    let pairs = [
        (Tensor::from([f32::INFINITY]), a.clone()),
        (Tensor::from([1.0f32]), b.clone()),
    ];
    optimizer.apply_gradients(&pairs).unwrap();
    assert!(value(&a).is_nan() && value(&b).is_nan());
}

#[test]
fn a_double_precision_variable_is_updated_in_double_precision() {
    let w = Variable::new("w", Tensor::from([1.0f64])).unwrap();
    let pairs = [(Tensor::from([1.0f64]), w.clone())];
    SGD::new()
        .learning_rate(0.5)
        .momentum(0.5)
        .apply_gradients(&pairs)
        .unwrap();
    assert_eq!(w.read().to_vec::<f64>().unwrap(), [0.5]);
}

#[test]
fn a_constraint_holds_after_every_call_also_one_that_only_adds_up() {
    let w = variable(3.0);
    w.set_constraint(Some(Arc::new(|w: &Tensor| w.clip(-1.0, 1.0))));
    let accumulating = SGD::new().gradient_accumulation_steps(2);
    let step = |optimizer: &dyn Optimizer, gradient: f32| {
        let pairs = [(Tensor::from([gradient]), w.clone())];
        optimizer.apply_gradients(&pairs).unwrap();
        value(&w)
    };
    assert_eq!(step(&accumulating, 0.0), 1.0);
    let ahead = Lookahead::new(SGD::new().learning_rate(1.0)).unwrap();
    assert_eq!(step(&ahead, 5.0), -1.0);
    let scaled = LossScaleOptimizer::new(SGD::new().learning_rate(1.0)).unwrap();
    assert_eq!(step(&scaled.initial_scale(1.0), -5.0), 1.0);
}

#[test]
fn each_variable_follows_the_optimizer_of_its_path() {
    let [kernel, bias, other] = ["a/kernel", "a/bias", "b/kernel"]
        .map(|name| Variable::new(name, Tensor::from([1.0f32])).unwrap());
    let map = OptimizerMap::new(SGD::new().learning_rate(0.5)).unwrap();
    let map = map.assign("a/.*", SGD::new().learning_rate(0.25).name("a"));
    let map = map.unwrap().assign("a/bias", Adam::new()).unwrap();
    let optimizer = MultiOptimizer::new(map).loss_scale_factor(4.0);
    let all = [kernel.clone(), bias.clone(), other.clone()];
    assert_eq!(
        optimizer
            .scale_loss(&Tensor::from(2.0f32))
            .item::<f32>()
            .unwrap(),
        8.0
    );
    let pairs: Vec<_> = all
        .iter()
        .map(|v| (Tensor::from([4.0f32]), v.clone()))
        .collect();
    optimizer.apply_gradients(&pairs).unwrap();
    assert_eq!((value(&kernel), value(&other)), (0.75, 0.5));
    assert!((value(&bias) - 0.999).abs() < 1e-6);
    let names: Vec<String> = optimizer
        .variables()
        .iter()
        .map(|v| v.name().to_string())
        .collect();
    // As in Keras: its own, those of the keys in their order, the default's.
    let wanted = [
        "multi_optimizer/iteration",
        "multi_optimizer/learning_rate",
        "a/iteration",
        "a/learning_rate",
        "adam/iteration",
        "adam/learning_rate",
        "adam/a_bias_momentum",
        "adam/a_bias_velocity",
        "sgd/iteration",
        "sgd/learning_rate",
    ];
    assert_eq!(names, wanted);
    assert!(optimizer.learning_rate().eval().is_err());
    assert!(optimizer.set_learning_rate(0.1).is_err());
}

#[test]
fn a_variable_that_two_patterns_describe_is_an_error_that_names_them() {
    let map = OptimizerMap::new("sgd")
        .unwrap()
        .assign("w.*", "adam")
        .unwrap();
    let optimizer = MultiOptimizer::new(map.clone().assign(".*", "sgd").unwrap());
    let text = optimizer.build(&[variable(1.0)]).unwrap_err().to_string();
    assert!(text.contains("\"w.*\" and \".*\""), "{text}");
    let text = map.clone().assign("(", "sgd").unwrap_err().to_string();
    assert!(text.contains("expected regular expressions"), "{text}");
    let inner = LossScaleOptimizer::new("sgd").unwrap();
    let text = map.assign("x", inner).unwrap_err().to_string();
    assert!(text.contains("got LossScaleOptimizer"), "{text}");
}

#[test]
fn arguments_out_of_range_are_refused_by_name() {
    let text = |optimizer: Result<()>| optimizer.unwrap_err().to_string();
    let lion = text(Lion::new().beta_1(0.0).check());
    assert!(
        lion.contains("lion: beta_1: expected a finite number above 0 and at most 1; got 0"),
        "{lion}"
    );
    let ftrl = text(Ftrl::new().learning_rate_power(0.5).check());
    assert!(
        ftrl.contains("learning_rate_power: expected a finite number of at most 0"),
        "{ftrl}"
    );
    assert!(text(Adam::new().beta_2(f64::NAN).check()).contains("got NaN"));
    assert!(text(Muon::new().exclude_layers(["("]).check()).contains("muon: exclude_layers"));
    let lookahead = Lookahead::new(SGD::new().momentum(0.5))
        .unwrap()
        .sync_period(0);
    assert!(text(lookahead.check()).contains("lookahead: sync_period"));
    let null = Config::new().with("weight_decay", Json::Null);
    let error = optimizers::from_config("adamw", &null)
        .err()
        .unwrap()
        .to_string();
    assert!(
        error.contains("weight_decay: expected a number; got null"),
        "{error}"
    );
    let steps = CosineDecay::new(0.1, 0.0)
        .call(&Tensor::from(1.0f32))
        .eval();
    let steps = steps.unwrap_err().to_string();
    assert!(
        steps.contains("decay_steps: expected a finite number above 0"),
        "{steps}"
    );
}

#[test]
fn a_scalar_and_four_axes_are_updated_by_every_optimizer_in_both_precisions() {
    for entry in optimizers::OPTIMIZERS {
        let Ok(optimizer) = (entry.from_config)(&Config::new()) else {
            continue;
        };
        for dtype in [DType::F32, DType::F64] {
            let optimizer = match dtype {
                DType::F32 => Arc::clone(&optimizer),
                _ => (entry.from_config)(&Config::new()).unwrap(),
            };
            let all: Vec<Variable> = [&[][..], &[2, 1, 3, 2]]
                .map(|shape| Variable::new("w", Tensor::full(shape, 0.5, dtype)).unwrap())
                .to_vec();
            for _ in 0..2 {
                let pairs: Vec<_> = all.iter().map(|w| (w.read() * 3.0, w.clone())).collect();
                optimizer.apply_gradients(&pairs).unwrap();
            }
            for w in all {
                let moved = w.value().to_f64_vec();
                let name = entry.class_name;
                assert!(
                    moved.iter().all(|x| x.is_finite() && *x != 0.5),
                    "{name} {moved:?}"
                );
            }
        }
    }
}

#[test]
fn lookahead_counts_updates_and_not_calls() {
    let w = variable(0.0);
    let inner = SGD::new().learning_rate(1.0).gradient_accumulation_steps(2);
    let optimizer = Lookahead::new(inner).unwrap().sync_period(2);
    let mut path = Vec::new();
    for _ in 0..6 {
        let pairs = [(Tensor::from([1.0f32]), w.clone())];
        optimizer.apply_gradients(&pairs).unwrap();
        path.push(value(&w));
    }
    assert_eq!(path, [0.0, -1.0, -1.0, -1.0, -1.0, -2.0]);
}
