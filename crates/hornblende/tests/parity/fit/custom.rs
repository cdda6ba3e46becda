//! The losses, metrics and layers of one's own that the golden cases use.

use std::any::Any;

use hornblende::config::Config;
use hornblende::layers::{Call, Layer, LayerBase};
use hornblende::losses::Loss;
use hornblende::metrics::Metric;
use hornblende::{DType, Result, Tensor, Value, Variable};

/// The mean of all squared differences.
pub(crate) fn custom_mean_squared_error(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    (y_true - y_pred).square().mean(..)
}

/// The mean squared error plus a term that keeps predictions away from 0.5.
pub(crate) struct CustomMse {
    pub(crate) factor: f64,
}

impl Loss for CustomMse {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let error = (y_true - y_pred).square().mean(..);
        error + (0.5 - y_pred).square().mean(..) * self.factor
    }
}

/// Crossentropy of a softmax that pays less attention to what is right already.
pub(crate) struct FocalLossSoftmax {
    pub(crate) gamma: f64,
}

impl Loss for FocalLossSoftmax {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let p = hornblende::ops::softmax(y_pred, -1).clip(1e-7, 1.0);
        let focus = (1.0 - &p).pow(self.gamma);
        -(y_true * focus * p.log()).sum(1)
    }
}

/// How many samples are classified rightly.
pub(crate) struct CategoricalTruePositives {
    count: Variable,
}

impl CategoricalTruePositives {
    pub(crate) fn new() -> Self {
        let count = Variable::from_value("ctp", Value::zeros([], DType::F32));
        Self { count }
    }
}

impl Metric for CategoricalTruePositives {
    fn name(&self) -> &str {
        "categorical_true_positives"
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.count.clone()]
    }

    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        _sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        let right = y_pred.argmax(-1).equal(y_true.cast(DType::I32));
        self.count.assign_add(&right.cast(DType::F32).sum(..))
    }

    fn result(&self) -> Tensor {
        self.count.read()
    }
}

/// The Kolmogorov-Smirnov statistic over 101 bins of scores.
pub(crate) struct Ks {
    positives: Variable,
    negatives: Variable,
}

impl Ks {
    pub(crate) fn new() -> Self {
        let variable = |name: &str| Variable::from_value(name, Value::zeros([101], DType::F32));
        Self {
            positives: variable("tp"),
            negatives: variable("fp"),
        }
    }
}

impl Metric for Ks {
    fn name(&self) -> &str {
        "ks"
    }

    fn variables(&self) -> Vec<Variable> {
        vec![self.positives.clone(), self.negatives.clone()]
    }

    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        _sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        let bins = (y_pred.reshape([-1]) * 100.0).cast(DType::I32);
        let bins = bins.one_hot(101, DType::F32);
        let truth = y_true.reshape([-1]).expand_dims(-1);
        self.positives.assign_add(&(&bins * &truth).sum(0))?;
        self.negatives.assign_add(&(&bins * (1.0 - truth)).sum(0))
    }

    fn result(&self) -> Tensor {
        let share = |v: &Variable| v.read().cumsum(0) / v.read().sum(..);
        (share(&self.positives) - share(&self.negatives))
            .abs()
            .max(..)
    }
}

/// Passes its input on and adds a multiple of its sum to the loss.
#[derive(Clone)]
pub(crate) struct AddLossSum {
    base: LayerBase,
    factor: f64,
}

impl AddLossSum {
    pub(crate) fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            base: LayerBase::default(),
            factor: config.number("factor")?.unwrap_or(1.0),
        })
    }
}

impl Layer for AddLossSum {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "AddLossSum"
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        call.add_loss(inputs[0].sum(..) * self.factor);
        Ok(inputs[0].clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
