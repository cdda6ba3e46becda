// tidy: not an item
//! A matrix of how often each class is predicted for each class, and the overlaps that follow from it.

use hornblende_core::{DType, Error, Result, Tensor, Variable};

use super::{MetricBase, base::add_to};
use crate::config::Config;
use crate::ops;

/// The state and the arguments of the metrics of the IoU family.
#[derive(Debug)]
pub(super) struct ConfusionMatrix {
    pub(super) base: MetricBase,
    pub(super) num_classes: usize,
    /// The classes whose overlaps are averaged; all if `None`.
    pub(super) target_class_ids: Option<Vec<usize>>,
    pub(super) ignore_class: Option<i64>,
    pub(super) sparse_y_true: bool,
    pub(super) sparse_y_pred: bool,
    pub(super) axis: isize,
}

impl ConfusionMatrix {
    /// Of class numbers along the last axis, with counts as whole numbers.
    pub(super) fn new(name: &'static str, num_classes: usize) -> Self {
        let mut base = MetricBase::new(name);
        base.set_dtype(DType::I64);
        Self {
            base,
            num_classes,
            target_class_ids: None,
            ignore_class: None,
            sparse_y_true: true,
            sparse_y_pred: true,
            axis: -1,
        }
    }

    /// Of one-hot labels and of predictions that are largest at the class.
    pub(super) fn one_hot(self) -> Self {
        Self {
            sparse_y_true: false,
            sparse_y_pred: false,
            ..self
        }
    }

    pub(super) fn of_classes(mut self, target_class_ids: &[usize]) -> Self {
        self.target_class_ids = Some(target_class_ids.to_vec());
        self
    }

    /// Takes those of the arguments from a configuration that are among `own`.
    pub(super) fn configured(
        mut self,
        class_name: &str,
        config: &Config,
        own: &[&str],
    ) -> Result<Self> {
        self.base = self.base.configured(class_name, config, own)?;
        self.ignore_class = config.whole("ignore_class")?;
        self.sparse_y_true = config.flag("sparse_y_true")?.unwrap_or(self.sparse_y_true);
        self.sparse_y_pred = config.flag("sparse_y_pred")?.unwrap_or(self.sparse_y_pred);
        self.axis = config
            .whole("axis")?
            .map_or(self.axis, |axis| axis as isize);
        self.check()?;
        Ok(self)
    }

    /// The number of classes in a configuration.
    pub(super) fn num_classes(class_name: &str, config: &Config) -> Result<usize> {
        let missing = || {
            let subject = format!("argument \"num_classes\" of {class_name}");
            Error::format(subject, "a whole number", "none", "")
        };
        config.size("num_classes")?.ok_or_else(missing)
    }

    /// The target classes in a configuration.
    pub(super) fn target_class_ids(class_name: &str, config: &Config) -> Result<Vec<usize>> {
        let missing = || {
            let subject = format!("argument \"target_class_ids\" of {class_name}");
            Error::format(subject, "a list of class numbers", "none", "")
        };
        config.sizes("target_class_ids", 1)?.ok_or_else(missing)
    }

    /// Fails if there are no classes, or a target class is none of them.
    pub(super) fn check(&self) -> Result<()> {
        self.base.check()?;
        let wrong = |argument: &str, expected: String, got: String| {
            let subject = format!("{}: {argument}", self.base.name());
            Err(Error::invalid_argument(subject, expected, got, ""))
        };
        if self.num_classes == 0 {
            return wrong("num_classes", "a number of at least 1".into(), "0".into());
        }
        match &self.target_class_ids {
            Some(ids) if ids.is_empty() || ids.iter().any(|id| *id >= self.num_classes) => wrong(
                "target_class_ids",
                format!("classes below {}, at least one", self.num_classes),
                format!("{ids:?}"),
            ),
            _ => Ok(()),
        }
    }

    /// These arguments under Keras's names.
    pub(super) fn get_config(&self, own: &[&str]) -> Config {
        let mut config = self.base.get_config();
        for key in own {
            config = match *key {
                "num_classes" => config.with(key, self.num_classes),
                "target_class_ids" => config.with(key, self.target_class_ids.clone()),
                "ignore_class" => config.with(key, self.ignore_class),
                "sparse_y_true" => config.with(key, self.sparse_y_true),
                "sparse_y_pred" => config.with(key, self.sparse_y_pred),
                "axis" => config.with(key, self.axis),
                _ => config,
            };
        }
        config
    }

    /// The matrix: labels down, predictions across.
    pub(super) fn variables(&self) -> Vec<Variable> {
        let shape = [self.num_classes, self.num_classes];
        self.base.state(&["total_confusion_matrix"], &shape)
    }

    /// Takes in class numbers, or what has its maximum at the class where it is not sparse.
    pub(super) fn update(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        self.check()?;
        let of_maximum = |x: &Tensor, is_sparse: bool| match is_sparse {
            true => x.clone(),
            false => x.argmax(self.axis),
        };
        let dense = |x: &Tensor| x.cast(DType::I64).reshape_to([x.shape().len()]);
        let labels = of_maximum(y_true, self.sparse_y_true).check().map(dense)?;
        let classes = of_maximum(y_pred, self.sparse_y_pred).check().map(dense)?;
        if labels.shape() != classes.shape() {
            return Err(Error::shape_mismatch(
                self.base.name(),
                format!("as many labels as predictions of shape {}", y_pred.shape()),
                format!("labels of shape {}", y_true.shape()),
                "",
            ));
        }
        let dtype = self.base.dtype();
        let weight = match sample_weight {
            None => Tensor::ones(labels.shape().clone(), dtype),
            Some(weight) if weight.rank() > 1 => dense_as(weight, dtype),
            Some(weight) => weight.cast(dtype),
        };
        let weight = weight.broadcast_to(labels.shape().clone());
        let count = self.num_classes as f64;
        let inside = |x: &Tensor| x.greater_equal(0.0).logical_and(x.less(count));
        let mut counts = inside(&labels).logical_and(inside(&classes));
        if let Some(ignored) = self.ignore_class {
            counts = counts.logical_and(labels.not_equal(ignored as f64));
        }
        let place = counts.select(labels * count + classes, -1.0);
        let matrix = Tensor::zeros([self.num_classes * self.num_classes], dtype);
        let matrix = matrix.scatter_add(&place, weight.check()?, 0, 0);
        let matrix = matrix.reshape_to([self.num_classes, self.num_classes]);
        add_to(&self.variables(), &[matrix])
    }

    /// The mean of intersection over union over the target classes that occur.
    pub(super) fn mean_overlap(&self) -> Tensor {
        let matrix = self.variables()[0].read();
        let classes = self.num_classes;
        let on_diagonal = Tensor::iota([classes, classes], 0, DType::I32).equal(Tensor::iota(
            [classes, classes],
            1,
            DType::I32,
        ));
        let hits = on_diagonal.select(&matrix, 0.0).sum(0);
        let union = matrix.sum(0) + matrix.sum(1) - &hits;
        let (hits, union) = (hits.cast(DType::F32), union.cast(DType::F32));
        let (hits, union) = match &self.target_class_ids {
            None => (hits, union),
            Some(ids) => {
                let ids: Vec<i32> = ids.iter().map(|id| *id as i32).collect();
                let ids = Tensor::from_vec([ids.len()], ids);
                (hits.take(&ids, 0), union.take(&ids, 0))
            }
        };
        let occurs = union.greater(1e-9);
        let overlap = occurs.select(hits / (union + ops::EPSILON), 0.0);
        overlap.sum(..) / (occurs.cast(DType::F32).sum(..) + ops::EPSILON)
    }
}

fn dense_as(x: &Tensor, dtype: DType) -> Tensor {
    x.cast(dtype).reshape_to([x.shape().len()])
}

/// The parts of a metric of the IoU family that do not differ: its field is `matrix`, its arguments are the
/// `$own`. A macro, because the methods of a trait cannot be shared in another way.
macro_rules! overlap_metric {
    ($metric:ident, [$($own:literal),*], |$self:ident, $y_pred:ident| $prepared:expr) => {
        crate::metrics::base::metric_arguments!($metric, matrix.base);

        impl $metric {
            const OWN: &'static [&'static str] = &[$($own),*];
        }

        impl crate::metrics::Metric for $metric {
            fn base(&self) -> &crate::metrics::MetricBase {
                &self.matrix.base
            }

            fn class_name(&self) -> &'static str {
                stringify!($metric)
            }

            fn check(&self) -> hornblende_core::Result<()> {
                self.matrix.check()
            }

            fn get_config(&self) -> crate::config::Config {
                let mut config = self.matrix.get_config(Self::OWN);
                config.0.extend(self.own_config().0);
                config
            }

            fn variables(&self) -> Vec<hornblende_core::Variable> {
                self.matrix.variables()
            }

            fn update_state(
                &self,
                y_true: &hornblende_core::Tensor,
                $y_pred: &hornblende_core::Tensor,
                sample_weight: Option<&hornblende_core::Tensor>,
            ) -> hornblende_core::Result<()> {
                let $self = self;
                self.matrix.update(y_true, &$prepared, sample_weight)
            }

            fn result(&self) -> hornblende_core::Tensor {
                self.matrix.mean_overlap()
            }

            fn direction(&self) -> Option<crate::metrics::Direction> {
                Some(crate::metrics::Direction::Up)
            }
        }
    };
    ($metric:ident, [$($own:literal),*]) => {
        crate::metrics::confusion_matrix::overlap_metric!($metric, [$($own),*], |_metric, y_pred| y_pred);

        impl $metric {
            fn own_config(&self) -> crate::config::Config {
                crate::config::Config::new()
            }
        }
    };
}
pub(super) use overlap_metric;

/// Builder methods of the IoU family, by name. A macro, because the same methods belong to several types.
macro_rules! overlap_arguments {
    ($metric:ident: $($argument:ident),*) => {
        impl $metric {
            $(crate::metrics::confusion_matrix::overlap_arguments! { @ $argument })*
        }
    };
    (@ ignore_class) => {
        /// Labels of this class do not count.
        #[must_use]
        pub fn ignore_class(mut self, ignore_class: i64) -> Self {
            self.matrix.ignore_class = Some(ignore_class);
            self
        }
    };
    (@ sparse_y_true) => {
        /// Whether labels are class numbers; otherwise the class is where they are largest.
        #[must_use]
        pub fn sparse_y_true(mut self, sparse_y_true: bool) -> Self {
            self.matrix.sparse_y_true = sparse_y_true;
            self
        }
    };
    (@ sparse_y_pred) => {
        /// Whether predictions are class numbers; otherwise the class is where they are largest.
        #[must_use]
        pub fn sparse_y_pred(mut self, sparse_y_pred: bool) -> Self {
            self.matrix.sparse_y_pred = sparse_y_pred;
            self
        }
    };
    (@ axis) => {
        /// The axis of the classes where labels or predictions are not sparse; -1 by default.
        #[must_use]
        pub fn axis(mut self, axis: isize) -> Self {
            self.matrix.axis = axis;
            self
        }
    };
}
pub(super) use overlap_arguments;
