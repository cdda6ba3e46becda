// tidy: not an item
//! What can be a learning rate.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor, Value, Variable};

use super::schedules::{self, LearningRateSchedule};
use crate::config::Json;

/// The learning rate of an optimizer: a number, which can be changed, or a schedule, which cannot.
#[derive(Clone)]
pub enum LearningRate {
    /// A variable, so that changing it needs no new training step.
    Number(Variable),
    /// A function of the step.
    Schedule(Arc<dyn LearningRateSchedule>),
}

impl LearningRate {
    /// A number.
    #[must_use]
    pub fn number(x: f64) -> Self {
        let variable = Variable::from_value("learning_rate", Value::scalar(x as f32));
        variable.set_trainable(false);
        Self::Number(variable)
    }

    /// The rate of a step (`I64`) as an `F32` scalar.
    #[must_use]
    pub fn at(&self, step: &Tensor) -> Tensor {
        match self {
            Self::Number(variable) => variable.read(),
            Self::Schedule(schedule) => schedule.call(&step.cast(DType::F32)).cast(DType::F32),
        }
    }

    /// The number, or class name and arguments of the schedule, as Keras writes them.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Number(variable) => json_of(variable.value().get_f64(0)),
            Self::Schedule(schedule) => schedules::serialize(&**schedule),
        }
    }

    /// The reverse of [`LearningRate::to_json`].
    ///
    /// # Errors
    /// [`Error::Format`] if it is neither a number nor a schedule; what the schedule says.
    pub fn from_json(json: &Json) -> Result<Self> {
        if let Some(x) = json.as_f64() {
            return Ok(Self::number(x));
        }
        if !json.is_object() {
            return Err(Error::format(
                "argument \"learning_rate\"",
                "a number or a schedule with class_name and config",
                json.to_string(),
                "",
            ));
        }
        Ok(Self::Schedule(schedules::deserialize(json)?))
    }
}

/// The shortest decimals that give this 32-bit number back: 0.001, not 0.0010000000474974513.
fn json_of(x: f64) -> Json {
    let text = (x as f32).to_string();
    text.parse::<f64>().map_or(Json::Null, Json::from)
}

/// What can be given where a learning rate is asked for: a number, a schedule, a closure.
pub trait IntoLearningRate {
    /// The learning rate.
    fn into_learning_rate(self) -> LearningRate;
}

impl IntoLearningRate for f64 {
    fn into_learning_rate(self) -> LearningRate {
        LearningRate::number(self)
    }
}

impl IntoLearningRate for f32 {
    fn into_learning_rate(self) -> LearningRate {
        LearningRate::number(f64::from(self))
    }
}

impl IntoLearningRate for LearningRate {
    fn into_learning_rate(self) -> LearningRate {
        self
    }
}

impl IntoLearningRate for Arc<dyn LearningRateSchedule> {
    fn into_learning_rate(self) -> LearningRate {
        LearningRate::Schedule(self)
    }
}

impl<S: LearningRateSchedule + 'static> IntoLearningRate for S {
    fn into_learning_rate(self) -> LearningRate {
        LearningRate::Schedule(Arc::new(self))
    }
}
