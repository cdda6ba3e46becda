// tidy: not an item
//! What precision and recall have in common.

/// Everything of a metric that is a share of the true positives but its documentation. Its fields are `base`,
/// `thresholds`, `top_k` and `class_id`. A macro, because the two differ in nothing but names.
macro_rules! ratio_metric {
    ($metric:ident, $name:literal, $other:ident) => {
        crate::metrics::base::metric_arguments!($metric);

        impl $metric {
            /// The metric of nothing yet, at the threshold 0.5.
            #[must_use]
            pub fn new() -> Self {
                Self {
                    base: crate::metrics::MetricBase::new($name),
                    thresholds: None,
                    top_k: None,
                    class_id: None,
                }
            }

            /// What a prediction must be above to be positive: a number between 0 and 1, or a list of them, for
            /// which the result is a list.
            #[must_use]
            pub fn thresholds(mut self, thresholds: impl Into<crate::metrics::Thresholds>) -> Self {
                let thresholds = thresholds.into();
                if let Err(error) = thresholds.check(concat!(stringify!($metric), "::thresholds")) {
                    self.base.refuse(error);
                }
                self.base.forget();
                self.thresholds = Some(thresholds);
                self
            }

            /// Only so many of the largest predictions of a row can be positive.
            #[must_use]
            pub fn top_k(mut self, top_k: usize) -> Self {
                self.top_k = Some(top_k);
                self
            }

            /// Only this class counts.
            #[must_use]
            pub fn class_id(mut self, class_id: i64) -> Self {
                self.class_id = Some(class_id);
                self
            }

            fn from_config(config: &crate::config::Config) -> hornblende_core::Result<Self> {
                let mut metric = Self::new();
                let known = ["thresholds", "top_k", "class_id"];
                let class_name = stringify!($metric);
                metric.base = metric.base.configured(class_name, config, &known)?;
                metric.top_k = config.size("top_k")?;
                metric.class_id = config.whole("class_id")?;
                if let Some(thresholds) = crate::metrics::Thresholds::read(config)? {
                    metric = metric.thresholds(thresholds);
                }
                metric.base.check()?;
                Ok(metric)
            }

            fn values(&self) -> &[f64] {
                match &self.thresholds {
                    Some(thresholds) => thresholds.values(),
                    None if self.top_k.is_some() => &[crate::metrics::confusion::NEGATIVE_INFINITY],
                    None => &[0.5],
                }
            }
        }

        impl crate::metrics::Metric for $metric {
            fn base(&self) -> &crate::metrics::MetricBase {
                &self.base
            }

            fn class_name(&self) -> &'static str {
                stringify!($metric)
            }

            fn get_config(&self) -> crate::config::Config {
                let thresholds = crate::metrics::Thresholds::json(self.thresholds.as_ref());
                let config = self.base.get_config().with("thresholds", thresholds);
                config
                    .with("top_k", self.top_k)
                    .with("class_id", self.class_id)
            }

            fn variables(&self) -> Vec<hornblende_core::Variable> {
                let names = ["true_positives", stringify!($other)];
                self.base.state(&names, &[self.values().len()])
            }

            fn update_state(
                &self,
                y_true: &hornblende_core::Tensor,
                y_pred: &hornblende_core::Tensor,
                sample_weight: Option<&hornblende_core::Tensor>,
            ) -> hornblende_core::Result<()> {
                self.base.check()?;
                let confusion = crate::metrics::confusion::Confusion {
                    spacing: crate::metrics::confusion::Spacing::of(self.values()),
                    top_k: self.top_k,
                    class_id: self.class_id,
                    ..crate::metrics::confusion::Confusion::new(&self.base, self.values())
                };
                let counts = confusion.counts(y_true, y_pred, sample_weight)?;
                let amounts = [counts.true_positives, counts.$other];
                crate::metrics::base::add_to(&self.variables(), &amounts)
            }

            fn result(&self) -> hornblende_core::Tensor {
                use crate::metrics::confusion::{one_or_all, share};
                let state = self.variables();
                one_or_all(&share(&state[0].read(), &state[1].read()))
            }

            fn direction(&self) -> Option<crate::metrics::Direction> {
                Some(crate::metrics::Direction::Up)
            }
        }
    };
}
pub(super) use ratio_metric;
