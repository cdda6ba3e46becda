//! The area under a curve of thresholds.

use std::sync::Arc;

use hornblende_core::{Error, Result, Spec, Tensor, Variable};

use super::area::{Area, Curve, SummationMethod};
use super::at_constraint::COUNTS;
use super::base::{add_to, metric_arguments};
use super::confusion::{Confusion, Spacing};
use super::{Direction, Entry, Metric, MetricBase, Thresholds};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "AUC",
    names: &["auc"],
    from_config: |config| Ok(Arc::new(AUC::from_config(config)?)),
};

/// The area under the ROC or the precision-recall curve, summed over thresholds.
///
/// The ROC curve is the recall over the false positive rate: the area is the probability that a sample of
/// label 1 is predicted higher than one of label 0, as far as the thresholds tell them apart.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, of any rank; each element counts. With `multi_label` they are `[samples, labels]`.
/// Weights: one a sample, or one an element.
///
/// # Arguments
/// - `num_thresholds` (at least 2; 200 by default): evenly spaced from 0 to 1, the ends a bit beyond.
/// - `thresholds` (between 0 and 1): these instead, and one at each end.
/// - `curve`: `"ROC"` (default), `"PR"`, or `"PRGAIN"` (precision gain over recall gain).
/// - `summation_method`: `"interpolation"` (default: trapezoids; for `"PR"` the counts are interpolated, not
///   the precision), `"minoring"` (the lower value of each interval), `"majoring"` (the higher).
/// - `multi_label`: an area for each column, averaged; `num_labels` says how many columns there will be.
/// - `label_weights`: what each column counts, in that average or among all elements.
/// - `from_logits`: predictions are logits.
///
/// # At the edges
/// One class only: 0 for ROC. Predictions beyond `[0, 1]` count as 0 or 1; NaN is above no threshold. A mask on
/// the predictions does not matter, as in Keras.
///
/// # Errors
/// [`Error::InvalidArgument`] for an argument out of range, [`Error::ShapeMismatch`] for shapes that do not fit.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let auc = AUC::new().num_thresholds(3);
/// let (y_true, y_pred) = (Tensor::from([0i32, 0, 1, 1]), Tensor::from([0.0f32, 0.5, 0.3, 0.9]));
/// auc.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(auc.result().item::<f32>()?, 0.75);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.AUC`; interpolation of precision-recall curves: Davis and Goadrich 2006, "The relationship
/// between Precision-Recall and ROC curves"; gains: Flach and Kull 2015, "Precision-Recall-Gain curves".
/// A second metric without a name is logged as `auc_1`, counted in each model's `compile`; Keras counts in the process.
#[derive(Debug)]
pub struct AUC {
    base: MetricBase,
    num_thresholds: usize,
    thresholds: Option<Vec<f64>>,
    area: Area,
    multi_label: bool,
    num_labels: Option<usize>,
    label_weights: Option<Vec<f64>>,
    from_logits: bool,
}

metric_arguments!(AUC);

impl AUC {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: MetricBase::new("auc"),
            num_thresholds: 200,
            thresholds: None,
            area: Area::default(),
            multi_label: false,
            num_labels: None,
            label_weights: None,
            from_logits: false,
        }
    }

    /// How many thresholds, evenly spaced from 0 to 1; 200 by default.
    #[must_use]
    pub fn num_thresholds(mut self, num_thresholds: usize) -> Self {
        self.base.forget();
        self.num_thresholds = num_thresholds;
        self
    }

    /// These thresholds between 0 and 1, in any order; one more is put at each end.
    #[must_use]
    pub fn thresholds(mut self, thresholds: impl Into<Vec<f64>>) -> Self {
        self.base.forget();
        let mut thresholds = thresholds.into();
        thresholds.sort_by(f64::total_cmp);
        self.num_thresholds = thresholds.len() + 2;
        self.thresholds = Some(thresholds);
        self
    }

    /// `"ROC"`, `"PR"` or `"PRGAIN"`.
    #[must_use]
    pub fn curve(mut self, curve: &str) -> Self {
        match Curve::from_name(curve) {
            Ok(curve) => self.area.curve = curve,
            Err(error) => self.base.refuse(error),
        }
        self
    }

    /// `"interpolation"`, `"minoring"` or `"majoring"`.
    #[must_use]
    pub fn summation_method(mut self, summation_method: &str) -> Self {
        match SummationMethod::from_name(summation_method) {
            Ok(method) => self.area.summation_method = method,
            Err(error) => self.base.refuse(error),
        }
        self
    }

    /// Whether each column is a label of its own.
    #[must_use]
    pub fn multi_label(mut self, multi_label: bool) -> Self {
        self.base.forget();
        self.multi_label = multi_label;
        self
    }

    /// How many labels there will be; for `multi_label` only.
    #[must_use]
    pub fn num_labels(mut self, num_labels: usize) -> Self {
        self.base.forget();
        self.num_labels = Some(num_labels);
        self
    }

    /// What each column counts.
    #[must_use]
    pub fn label_weights(mut self, label_weights: impl Into<Vec<f64>>) -> Self {
        self.label_weights = Some(label_weights.into());
        self
    }

    /// Whether predictions are logits, not probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let known = [
            "num_thresholds",
            "curve",
            "summation_method",
            "thresholds",
            "multi_label",
            "num_labels",
            "label_weights",
            "from_logits",
        ];
        let mut auc = Self::new();
        auc.base = auc.base.configured("AUC", config, &known)?;
        auc.num_thresholds = config.size("num_thresholds")?.unwrap_or(200);
        if let Some(curve) = config.text("curve")? {
            auc = auc.curve(&curve);
        }
        if let Some(method) = config.text("summation_method")? {
            auc = auc.summation_method(&method);
        }
        if let Some(thresholds) = Thresholds::read(config)? {
            auc = auc.thresholds(thresholds.values());
        }
        auc.multi_label = config.flag("multi_label")?.unwrap_or(false);
        auc.num_labels = config.size("num_labels")?;
        auc.label_weights = super::numbers(config, "label_weights")?;
        auc.from_logits = config.flag("from_logits")?.unwrap_or(false);
        auc.check()?;
        Ok(auc)
    }

    fn state(&self, labels: usize) -> Vec<Variable> {
        let shape = [self.num_thresholds, labels];
        self.base.state(
            &COUNTS,
            if self.multi_label {
                &shape
            } else {
                &shape[..1]
            },
        )
    }

    /// All thresholds, and how they lie.
    fn all_thresholds(&self) -> (Vec<f64>, Spacing) {
        let last = (self.num_thresholds - 1) as f64;
        let even = || {
            (1..self.num_thresholds - 1)
                .map(|k| k as f64 / last)
                .collect()
        };
        let mut all = vec![0.0];
        all.extend(self.thresholds.clone().unwrap_or_else(even));
        all.push(1.0);
        let is_even = self.thresholds.is_none() || Spacing::of(&all) == Spacing::Even;
        all[0] = -ops::EPSILON;
        all[self.num_thresholds - 1] = 1.0 + ops::EPSILON;
        let spacing = if is_even {
            Spacing::EvenBeyond
        } else {
            Spacing::Any
        };
        (all, spacing)
    }
}

impl Metric for AUC {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "AUC"
    }

    fn check(&self) -> Result<()> {
        self.base.check()?;
        let wrong = |argument: &str, expected: &str, got: String| {
            let subject = format!("AUC: {argument}");
            Err(Error::invalid_argument(subject, expected, got, ""))
        };
        if let Some(thresholds) = self.thresholds.as_ref().filter(|t| !t.is_empty()) {
            Thresholds::from(thresholds.as_slice()).check("AUC: thresholds")?;
        }
        if self.num_thresholds < 2 {
            return wrong(
                "num_thresholds",
                "a number of at least 2",
                self.num_thresholds.to_string(),
            );
        }
        match self.num_labels {
            Some(labels) if labels > 0 && !self.multi_label => wrong(
                "num_labels",
                "none, because multi_label is false",
                labels.to_string(),
            ),
            _ => Ok(()),
        }
    }

    fn get_config(&self) -> Config {
        let config = self
            .base
            .get_config()
            .with("num_thresholds", self.num_thresholds);
        let config = config.with("curve", self.area.curve.name());
        let config = config.with("summation_method", self.area.summation_method.name());
        let config = config.with("multi_label", self.multi_label);
        let config = config.with("num_labels", self.num_labels);
        let config = config.with("label_weights", self.label_weights.clone());
        let config = config.with("from_logits", self.from_logits);
        match &self.thresholds {
            Some(thresholds) => config.with("thresholds", thresholds.clone()),
            None => config,
        }
    }

    fn build(&self, _y_true: &Spec, y_pred: &Spec) -> Result<()> {
        self.check()?;
        self.state(y_pred.shape.dims().last().copied().unwrap_or(1));
        Ok(())
    }

    fn variables(&self) -> Vec<Variable> {
        match (self.multi_label, self.num_labels) {
            (true, None | Some(0)) => self.base.variables(),
            (_, labels) => self.state(labels.unwrap_or(1)),
        }
    }

    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        self.check()?;
        let (thresholds, spacing) = self.all_thresholds();
        let confusion = Confusion {
            spacing,
            multi_label: self.multi_label,
            label_weights: self.label_weights.as_deref().filter(|_| !self.multi_label),
            ..Confusion::new(&self.base, &thresholds)
        };
        let probability = match self.from_logits {
            true => ops::sigmoid(&ops::as_float(y_pred)),
            false => y_pred.clone(),
        };
        let counts = confusion.counts(y_true, &probability, sample_weight)?;
        let amounts = [
            counts.true_positives,
            counts.false_positives,
            counts.true_negatives,
            counts.false_negatives,
        ];
        let labels = y_pred.shape().dims().last().copied().unwrap_or(1);
        add_to(&self.state(labels), &amounts)
    }

    fn result(&self) -> Tensor {
        let state = self.variables();
        if state.is_empty() {
            return Tensor::literal(0.0, self.base.dtype());
        }
        let counts: Vec<Tensor> = state.iter().map(Variable::read).collect();
        let [tp, fp, tn, fn_] = [0, 1, 2, 3].map(|k| &counts[k]);
        let areas = self.area.below(tp, fp, tn, fn_);
        match (&self.label_weights, self.multi_label) {
            (_, false) => areas,
            (None, true) => areas.mean(..),
            (Some(weights), true) => {
                let weights: Vec<f32> = weights.iter().map(|w| *w as f32).collect();
                let weights = Tensor::from_vec([weights.len()], weights).cast(areas.dtype());
                ops::divide_no_nan(&(areas * &weights).sum(..), &weights.sum(..))
            }
        }
    }

    fn direction(&self) -> Option<Direction> {
        Some(Direction::Up)
    }
}
