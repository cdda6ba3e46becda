//! The metrics that the notes write themselves.

use hornblende::metrics::MetricBase;
use hornblende::prelude::*;

/// 001: how many samples are classified rightly.
pub(crate) struct CategoricalTruePositives {
    base: MetricBase,
    true_positives: Variable,
}

impl CategoricalTruePositives {
    pub(crate) fn new() -> Self {
        let base = MetricBase::new("categorical_true_positives");
        let true_positives = base.add_variable("ctp", []);
        Self {
            base,
            true_positives,
        }
    }
}

impl Metric for CategoricalTruePositives {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        weight: Option<&Tensor>,
    ) -> Result<()> {
        let y_true = y_true.cast(DType::I32).reshape([-1]);
        let mut values = y_true.equal(y_pred.argmax(1)).cast(DType::F32);
        if let Some(weight) = weight {
            values = values * weight.cast(DType::F32);
        }
        self.true_positives.assign_add(&values.sum(..))
    }

    fn result(&self) -> Tensor {
        self.true_positives.read()
    }
}

/// 004, example 1: the accuracy of class numbers by hand.
pub(crate) struct SparseCategoricalAccuracy {
    base: MetricBase,
    total: Variable,
    count: Variable,
}

impl SparseCategoricalAccuracy {
    pub(crate) fn new() -> Self {
        let base = MetricBase::new("sparse_categorical_accuracy");
        let (total, count) = (
            base.add_variable("total", []),
            base.add_variable("count", []),
        );
        Self { base, total, count }
    }
}

impl Metric for SparseCategoricalAccuracy {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, _: Option<&Tensor>) -> Result<()> {
        let values = y_true.equal(y_pred.argmax(1)).cast(DType::F32);
        self.total
            .assign_add(&Tensor::from(y_true.shape()[0] as f32))?;
        self.count.assign_add(&values.sum(..))
    }

    fn result(&self) -> Tensor {
        self.count.read() / self.total.read()
    }
}

/// 002 and 004: the Kolmogorov-Smirnov statistic over 101 bins of scores.
pub(crate) struct KS {
    base: MetricBase,
    pub(crate) true_positives: Variable,
    pub(crate) false_positives: Variable,
}

impl KS {
    pub(crate) fn new() -> Self {
        let base = MetricBase::new("ks");
        let true_positives = base.add_variable("tp", [101]);
        let false_positives = base.add_variable("fp", [101]);
        Self {
            base,
            true_positives,
            false_positives,
        }
    }

    /// The bin of each score.
    pub(crate) fn bins(y_pred: &Tensor) -> Tensor {
        (y_pred.reshape([-1]) * 100.0).cast(DType::I32)
    }
}

impl Metric for KS {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, _: Option<&Tensor>) -> Result<()> {
        let y_true = y_true.reshape([-1]).cast(DType::F32);
        let bin = Self::bins(y_pred);
        // The notes count in a loop over the samples; a scatter counts them all at once.
        let tp = self.true_positives.read().scatter_add(&bin, &y_true, 0, 0);
        let fp = self
            .false_positives
            .read()
            .scatter_add(&bin, &(1.0 - y_true), 0, 0);
        self.true_positives.assign(&tp)?;
        self.false_positives.assign(&fp)
    }

    fn result(&self) -> Tensor {
        let ratio = |count: Tensor| count.cumsum(0) / count.sum(..);
        let cum_positive_ratio = ratio(self.true_positives.read());
        let cum_negative_ratio = ratio(self.false_positives.read());
        (cum_positive_ratio - cum_negative_ratio).abs().max(..)
    }
}

/// 002 and 004: the same of one batch, as a function: exact, by sorting.
pub(crate) fn ks(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (y_true, y_pred) = (y_true.reshape([-1]), y_pred.reshape([-1]));
    let (_, indices) = y_pred.top_k(y_pred.shape()[0]);
    let y_true_sorted = y_true.cast(DType::F32).take(&indices, 0);
    let ratio = |x: &Tensor| x.cumsum(0) / x.sum(..);
    let cum_positive_ratio = ratio(&y_true_sorted);
    let cum_negative_ratio = ratio(&(1.0 - y_true_sorted));
    (cum_positive_ratio - cum_negative_ratio).abs().max(..)
}

/// 004: the mean prediction, as a function.
pub(crate) fn mean_pred(_y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    y_pred.mean(..)
}
