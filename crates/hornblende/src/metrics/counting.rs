// tidy: not an item
//! What the four counts have in common.

/// Everything of a metric that is one of the four counts but its documentation. Its fields are `base` and
/// `thresholds`. A macro, because the four differ in nothing but names.
macro_rules! counting_metric {
    ($metric:ident, $name:ident) => {
        crate::metrics::base::metric_arguments!($metric);

        impl $metric {
            /// The count of nothing yet, at the threshold 0.5.
            #[must_use]
            pub fn new() -> Self {
                Self {
                    base: crate::metrics::MetricBase::new(stringify!($name)),
                    thresholds: None,
                }
            }

            /// What a prediction must be above to be positive: a number between 0 and 1, or a list of them, for
            /// which the result is a list of counts.
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

            fn from_config(config: &crate::config::Config) -> hornblende_core::Result<Self> {
                let mut metric = Self::new();
                let class_name = stringify!($metric);
                metric.base = metric
                    .base
                    .configured(class_name, config, &["thresholds"])?;
                if let Some(thresholds) = crate::metrics::Thresholds::read(config)? {
                    metric = metric.thresholds(thresholds);
                }
                metric.base.check()?;
                Ok(metric)
            }

            fn values(&self) -> &[f64] {
                self.thresholds.as_ref().map_or(&[0.5], |t| t.values())
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
                self.base.get_config().with("thresholds", thresholds)
            }

            fn variables(&self) -> Vec<hornblende_core::Variable> {
                self.base.state(&["accumulator"], &[self.values().len()])
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
                    ..crate::metrics::confusion::Confusion::new(&self.base, self.values())
                };
                let counts = confusion.counts(y_true, y_pred, sample_weight)?;
                crate::metrics::base::add_to(&self.variables(), &[counts.$name])
            }

            fn result(&self) -> hornblende_core::Tensor {
                crate::metrics::confusion::one_or_all(&self.variables()[0].read())
            }
        }
    };
}
pub(super) use counting_metric;
