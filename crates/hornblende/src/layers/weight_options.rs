// tidy: not an item
//! What a user chooses for one weight of a layer: initializer, regularizer, constraint.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Tensor, Value, Variable};

use crate::config::{Config, Json, class_object, class_of};
use crate::constraints::{self, Constraint, IntoConstraint};
use crate::initializers::{self, Initializer, IntoInitializer};
use crate::layers::LayerBase;
use crate::layers::base::check_memory;
use crate::regularizers::{self, IntoRegularizer, Regularizer};

/// Initializer, regularizer and constraint of one weight. A name that nothing has is told when the layer is
/// built.
#[derive(Clone)]
pub struct WeightOptions {
    initializer: Result<Arc<dyn Initializer>>,
    regularizer: Result<Option<Arc<dyn Regularizer>>>,
    constraint: Result<Option<Arc<dyn Constraint>>>,
}

impl WeightOptions {
    /// The arguments of a weight called kernel.
    pub(in crate::layers) const KERNEL: &[&str] = &[
        "kernel_initializer",
        "kernel_regularizer",
        "kernel_constraint",
    ];

    /// The arguments of a weight called bias.
    pub(in crate::layers) const BIAS: &[&str] =
        &["bias_initializer", "bias_regularizer", "bias_constraint"];

    /// A weight that begins so, without regularizer and constraint.
    pub(in crate::layers) fn new(initializer: impl Initializer + 'static) -> Self {
        Self {
            initializer: Ok(Arc::new(initializer)),
            regularizer: Ok(None),
            constraint: Ok(None),
        }
    }

    /// Takes `{weight}_initializer`, `{weight}_regularizer` and `{weight}_constraint` from a configuration;
    /// those that are absent stay.
    pub(in crate::layers) fn read(&mut self, config: &Config, weight: &str) -> Result<()> {
        let key = format!("{weight}_initializer");
        if let Some(value) = config.get(&key) {
            let (class_name, arguments) = class_of(&key, value)?;
            self.initializer = Ok(initializers::from_config(&class_name, &arguments)?);
        }
        if let Some(regularizer) = regularizer_of(config, &format!("{weight}_regularizer"))? {
            self.regularizer = Ok(Some(regularizer));
        }
        let key = format!("{weight}_constraint");
        if let Some(value) = config.get(&key) {
            let (class_name, arguments) = class_of(&key, value)?;
            self.constraint = Ok(Some(constraints::from_config(&class_name, &arguments)?));
        }
        Ok(())
    }

    /// The configuration with the initializer of this weight, for one that has no other arguments.
    pub(in crate::layers) fn add_initializer_to(&self, config: Config, weight: &str) -> Config {
        let initializer = match &self.initializer {
            Ok(it) => class_object("keras.initializers", it.class_name(), it.get_config()),
            Err(_) => Json::Null,
        };
        config.with(&format!("{weight}_initializer"), initializer)
    }

    /// The configuration with the three arguments of this weight.
    pub(in crate::layers) fn add_to(&self, config: Config, weight: &str) -> Config {
        let regularizer = match &self.regularizer {
            Ok(Some(it)) => class_object("keras.regularizers", it.class_name(), it.get_config()),
            _ => Json::Null,
        };
        let constraint = match &self.constraint {
            Ok(Some(it)) => class_object("keras.constraints", it.class_name(), it.get_config()),
            _ => Json::Null,
        };
        self.add_initializer_to(config, weight)
            .with(&format!("{weight}_regularizer"), regularizer)
            .with(&format!("{weight}_constraint"), constraint)
    }

    /// Fails for a name that nothing has.
    pub(in crate::layers) fn check(&self) -> Result<()> {
        self.initializer.as_ref().map_err(Error::clone)?;
        self.regularizer.as_ref().map_err(Error::clone)?;
        self.constraint.as_ref().map_err(Error::clone)?;
        Ok(())
    }

    /// Makes the weight, trainable, with its regularizer and its constraint.
    pub(in crate::layers) fn add_weight(
        &self,
        base: &LayerBase,
        name: &str,
        shape: impl Into<Shape>,
    ) -> Result<Variable> {
        let value = self.initialize(&shape.into(), base.dtype())?;
        self.add_value(base, name, value)
    }

    /// As [`WeightOptions::add_weight`], for a weight whose units have so many inputs and outputs, which its shape
    /// does not tell.
    pub(in crate::layers) fn add_weight_of_fans(
        &self,
        base: &LayerBase,
        name: &str,
        shape: &Shape,
        fans: [usize; 2],
    ) -> Result<Variable> {
        let follows = self.initializer.as_ref().is_ok_and(|it| it.follows_fans());
        let drawn = if follows {
            Shape::from(fans)
        } else {
            shape.clone()
        };
        let value = self.initialize(&drawn, base.dtype())?;
        self.add_value(base, name, value.reshape(shape)?)
    }

    /// Makes a weight that no optimizer changes.
    pub(in crate::layers) fn add_state(
        &self,
        base: &LayerBase,
        name: &str,
        shape: impl Into<Shape>,
    ) -> Result<Variable> {
        let variable = self.add_weight(base, name, shape)?;
        variable.set_trainable(false);
        Ok(variable)
    }

    /// A first value of this shape.
    pub(in crate::layers) fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        self.check()?;
        let initializer = self.initializer.as_ref().map_err(Error::clone)?;
        check_memory(shape, dtype)?;
        initializer.initialize(shape, dtype)
    }

    fn add_value(&self, base: &LayerBase, name: &str, value: Value) -> Result<Variable> {
        let variable = Variable::from_value(name, value);
        base.track(name, variable.clone());
        if let Ok(Some(regularizer)) = self.regularizer.clone() {
            variable.set_regularizer(Some(Arc::new(move |w: &Tensor| regularizer.call(w))));
        }
        if let Ok(Some(constraint)) = self.constraint.clone() {
            variable.set_constraint(Some(Arc::new(move |w: &Tensor| constraint.call(w))));
        }
        Ok(variable)
    }

    #[track_caller]
    pub(in crate::layers) fn set_initializer(&mut self, initializer: impl IntoInitializer) {
        self.initializer = here(initializer.into_initializer());
    }

    #[track_caller]
    pub(in crate::layers) fn set_regularizer(&mut self, regularizer: impl IntoRegularizer) {
        self.regularizer = here(regularizer.into_regularizer()).map(Some);
    }

    #[track_caller]
    pub(in crate::layers) fn set_constraint(&mut self, constraint: impl IntoConstraint) {
        self.constraint = here(constraint.into_constraint()).map(Some);
    }
}

/// An error is told with the line of the builder method that took the bad name.
#[track_caller]
fn here<T>(result: Result<T>) -> Result<T> {
    let location = std::panic::Location::caller();
    result.map_err(|error| error.at(location))
}

/// The regularizer that a configuration names.
pub(in crate::layers) fn regularizer_of(
    config: &Config,
    key: &str,
) -> Result<Option<Arc<dyn Regularizer>>> {
    let Some(value) = config.get(key) else {
        return Ok(None);
    };
    let (class_name, arguments) = class_of(key, value)?;
    regularizers::from_config(&class_name, &arguments).map(Some)
}

/// The three builder methods of a weight, for an `impl` block (`pub`) or a trait (no visibility).
///
/// `weight_options!(pub, "bias", "zeros", self => self.bias; bias_initializer, bias_regularizer,
/// bias_constraint);`
macro_rules! weight_options {
    ($vis:vis, $weight:literal, $default:literal, $self:ident => $place:expr;
     $initializer:ident, $regularizer:ident, $constraint:ident) => {
        crate::layers::initializer_option!($vis, $weight, $default, $self => $place; $initializer);

        #[doc = concat!("What training adds to the loss for the ", $weight,
            ": a name, a regularizer or a closure. Default: nothing.")]
        #[track_caller]
        #[must_use]
        $vis fn $regularizer(mut $self, regularizer: impl crate::regularizers::IntoRegularizer) -> Self {
            $place.set_regularizer(regularizer);
            $self
        }

        #[doc = concat!("What an optimizer replaces the ", $weight,
            " by after each update: a name, a constraint or a closure. Default: nothing.")]
        #[track_caller]
        #[must_use]
        $vis fn $constraint(mut $self, constraint: impl crate::constraints::IntoConstraint) -> Self {
            $place.set_constraint(constraint);
            $self
        }
    };
}
pub(in crate::layers) use weight_options;

/// The builder method of a weight's initializer, as `weight_options!` makes it.
macro_rules! initializer_option {
    ($vis:vis, $weight:literal, $default:literal, $self:ident => $place:expr;
     $initializer:ident) => {
        #[doc = concat!("The first value of the ", $weight, ": a name, an initializer or a closure. ",
            "Default: `\"", $default, "\"`.")]
        #[track_caller]
        #[must_use]
        $vis fn $initializer(mut $self, initializer: impl crate::initializers::IntoInitializer) -> Self {
            $place.set_initializer(initializer);
            $self
        }
    };
}
pub(in crate::layers) use initializer_option;
