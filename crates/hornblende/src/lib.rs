//! Keras's compile and fit for Rust.
//!
//! Build a model of [`layers`], [`compile`](models::Model::compile) it with an optimizer, a loss and metrics, and
//! [`fit`](models::Model::fit) it. Names, arguments, defaults and numbers are those of Keras 3. Everything a step does,
//! from the forward pass to the optimizer, is one compiled program.
//!
//! ```
//! use hornblende::prelude::*;
//!
//! hornblende::random::set_seed(1);
//! let mut model = Sequential::new().add(Input::new([2])).add(Dense::new(1));
//! model.compile(Compile::new().optimizer(SGD::new().learning_rate(0.5)).loss("mse"))?;
//! let x = Tensor::from([[0.0f32, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]);
//! let y = Tensor::from([1.0f32, 3.0, 0.0, 2.0]); // 1 - a + 2 b
//! model.fit((&x, &y), Fit::new().epochs(200).verbose(0))?;
//! assert!(model.evaluate((&x, &y), Evaluate::new().verbose(0))?.loss() < 1e-4);
//! # Ok::<(), Error>(())
//! ```

pub mod activations;
pub mod callbacks;
pub mod config;
pub mod constraints;
pub mod data;
pub mod datasets;
pub mod formats;
pub mod gradient_tape;
pub mod initializers;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod models;
pub mod ops;
pub mod optimizers;
pub mod random;
pub mod regularizers;
pub mod saving;
pub mod summary;
pub mod terminal;
pub mod training;

// The native engine makes itself the default when the process starts; naming it links it.
use hornblende_cpu as _;

pub use hornblende_core::{
    Axes, DType, Element, Elements, Error, Function, Operand, Procedure, Program, Result, Shape,
    Spec, Storage, Tensor, Value, Variable, VariableRule, function, scan, while_loop,
};

pub use gradient_tape::gradient;

/// What most programs use: `use hornblende::prelude::*;`.
pub mod prelude;

/// The program of the README, compiled so that it stays true.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;
