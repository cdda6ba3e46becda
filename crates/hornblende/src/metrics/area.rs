// tidy: not an item
//! Areas under curves whose points are counts at ascending thresholds.

use hornblende_core::{Error, Result, Tensor};

use super::confusion::share;
use crate::ops::divide_no_nan;

/// What is drawn over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Curve {
    /// Recall over false positive rate.
    #[default]
    Roc,
    /// Precision over recall.
    Pr,
    /// Precision gain over recall gain.
    PrGain,
}

impl Curve {
    pub(super) fn from_name(name: &str) -> Result<Self> {
        match name {
            "ROC" | "roc" => Ok(Self::Roc),
            "PR" | "pr" => Ok(Self::Pr),
            "PRGAIN" | "prgain" => Ok(Self::PrGain),
            _ => Err(Error::unknown("curve", name, &["ROC", "PR", "PRGAIN"])),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Roc => "ROC",
            Self::Pr => "PR",
            Self::PrGain => "PRGAIN",
        }
    }
}

/// How high the curve is between two points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum SummationMethod {
    #[default]
    Interpolation,
    Minoring,
    Majoring,
}

impl SummationMethod {
    pub(super) fn from_name(name: &str) -> Result<Self> {
        match name {
            "interpolation" | "Interpolation" => Ok(Self::Interpolation),
            "minoring" | "Minoring" => Ok(Self::Minoring),
            "majoring" | "Majoring" => Ok(Self::Majoring),
            _ => {
                let known = ["interpolation", "minoring", "majoring"];
                Err(Error::unknown("summation_method", name, &known))
            }
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Interpolation => "interpolation",
            Self::Minoring => "minoring",
            Self::Majoring => "majoring",
        }
    }
}

/// Which area is computed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Area {
    pub(super) curve: Curve,
    pub(super) summation_method: SummationMethod,
}

impl Area {
    /// The area under the curve, for each column if there are columns.
    pub(super) fn below(&self, tp: &Tensor, fp: &Tensor, tn: &Tensor, fn_: &Tensor) -> Tensor {
        let (x, y) = match (self.curve, self.summation_method) {
            (Curve::Pr, SummationMethod::Interpolation) => return interpolated(tp, fp, fn_),
            (Curve::Roc, _) => (share(fp, tn), share(tp, fn_)),
            (Curve::Pr, _) => (share(tp, fn_), share(tp, fp)),
            (Curve::PrGain, _) => gains(tp, fp, tn, fn_),
        };
        let (high, low) = neighbours(&y);
        let heights = match self.summation_method {
            SummationMethod::Interpolation => (high + low) / 2.0,
            SummationMethod::Minoring => high.minimum(low),
            SummationMethod::Majoring => high.maximum(low),
        };
        let (from, to) = neighbours(&x);
        ((from - to) * heights).sum(0)
    }
}

/// All points but the last, and all but the first.
fn neighbours(points: &Tensor) -> (Tensor, Tensor) {
    let count = points.shape().dims()[0];
    (points.slice(..count - 1), points.slice(1..))
}

/// Recall gain and precision gain: how much better than always predicting 1, on a harmonic scale.
fn gains(tp: &Tensor, fp: &Tensor, tn: &Tensor, fn_: &Tensor) -> (Tensor, Tensor) {
    let odds = divide_no_nan(&(tp + fn_), &(tn + fp));
    let none = tp.equal(0.0);
    let recall = none.select(0.0, 1.0 - &odds * divide_no_nan(fn_, tp));
    let precision = none.select(1.0, 1.0 - &odds * divide_no_nan(fp, tp));
    (recall.maximum(0.0), precision)
}

/// The area under the precision-recall curve, with true positives and positives interpolated between the
/// points: between two of them the true positives grow by `slope` with each positive, and the precision
/// `(intercept + slope p) / p` is integrated over the recall.
fn interpolated(tp: &Tensor, fp: &Tensor, fn_: &Tensor) -> Tensor {
    let positives = tp + fp;
    let (tp_from, tp_to) = neighbours(tp);
    let (p_from, p_to) = neighbours(&positives);
    let gained = &tp_from - &tp_to;
    let slope = divide_no_nan(&gained, &(&p_from - &p_to).maximum(0.0));
    let intercept = &tp_to - &slope * &p_to;
    let both = p_from.greater(0.0).logical_and(p_to.greater(0.0));
    let ratio = both.select(divide_no_nan(&p_from, &p_to.maximum(0.0)), 1.0);
    let (_, fn_to) = neighbours(fn_);
    let labels = (tp_to + fn_to).maximum(0.0);
    divide_no_nan(&(slope * (gained + intercept * ratio.log())), &labels).sum(0)
}
