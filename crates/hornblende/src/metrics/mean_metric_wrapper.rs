//! A metric made of a function.

use std::fmt;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor, scope};

use super::mean::mean_metric;
use super::{
    BinaryAccuracy, ConcordanceCorrelation, Direction, Entry, Mean, PearsonCorrelation,
    SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy, categorical_accuracy,
    sparse_categorical_accuracy,
};
use crate::config::{self, Config, Json};
use crate::losses;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanMetricWrapper",
    names: &["mean_metric_wrapper"],
    from_config: |config| Ok(Arc::new(MeanMetricWrapper::from_config(config)?)),
};

type Values = Arc<dyn Fn(&Tensor, &Tensor) -> Tensor + Send + Sync>;

/// The functions that are no losses, by Keras's names.
type Function = (&'static str, fn(&Config) -> Result<Values>);
static FUNCTIONS: &[Function] = &[
    ("binary_accuracy", |config| {
        let metric = BinaryAccuracy::from_config(config)?;
        Ok(Arc::new(move |t, p| metric.values(t, p)))
    }),
    ("categorical_accuracy", |config| {
        config.only("categorical_accuracy", &[])?;
        Ok(Arc::new(categorical_accuracy))
    }),
    ("concordance_correlation", |config| {
        let metric = ConcordanceCorrelation::from_config(config)?;
        Ok(Arc::new(move |t, p| metric.values(t, p)))
    }),
    ("pearson_correlation", |config| {
        let metric = PearsonCorrelation::from_config(config)?;
        Ok(Arc::new(move |t, p| metric.values(t, p)))
    }),
    ("sparse_categorical_accuracy", |config| {
        config.only("sparse_categorical_accuracy", &[])?;
        Ok(Arc::new(sparse_categorical_accuracy))
    }),
    ("sparse_top_k_categorical_accuracy", |config| {
        let metric = SparseTopKCategoricalAccuracy::from_config(config)?;
        Ok(Arc::new(move |t, p| metric.values(t, p)))
    }),
    ("top_k_categorical_accuracy", |config| {
        let metric = TopKCategoricalAccuracy::from_config(config)?;
        Ok(Arc::new(move |t, p| metric.values(t, p)))
    }),
];

/// The mean of a function of labels and predictions that gives one value a sample.
///
/// `compile` makes one of a function or closure by itself: `.metrics([mean_pred])`,
/// `.metrics([("mean_pred", |_: &Tensor, y_pred: &Tensor| y_pred.mean(-1))])`.
///
/// # Arguments
/// - `fn`: a function or closure, or, by [`MeanMetricWrapper::by_name`] and in configurations, the name of a loss
///   or accuracy, whose arguments stand beside it.
///
/// # At the edges
/// A function that gives one number for the batch counts as one sample: the mean of a score over batches is not
/// the score of them all.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// fn mean_pred(_y_true: &Tensor, y_pred: &Tensor) -> Tensor {
///     y_pred.mean(-1)
/// }
/// let metric = MeanMetricWrapper::new(mean_pred);
/// assert_eq!(Metric::name(&metric), "mean_pred");
/// metric.update_state(&Tensor::from([[0.0f32]]), &Tensor::from([[3.0f32]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 3.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.MeanMetricWrapper`.
pub struct MeanMetricWrapper {
    mean: Mean,
    values: Values,
    /// The name of the function and its arguments, if it has a name that can be looked up.
    function: Option<(String, Config)>,
}

mean_metric!(MeanMetricWrapper, MeanMetricWrapper::own_direction, as is);

impl fmt::Debug for MeanMetricWrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("MeanMetricWrapper");
        debug.field("mean", &self.mean).finish_non_exhaustive()
    }
}

impl MeanMetricWrapper {
    /// The mean of this function, named as the function; a closure is named `custom`.
    #[must_use]
    pub fn new<F>(values: F) -> Self
    where
        F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync + 'static,
    {
        Self::of(config::function_name::<F>(), Arc::new(values), None)
    }

    /// The mean of the loss or accuracy of this name, with these arguments.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name or an argument that nothing has.
    ///
    /// # Example
    /// ```
    /// use hornblende::{config::Config, prelude::*};
    /// let metric = MeanMetricWrapper::by_name("huber", &Config::new().with("delta", 0.5))?;
    /// metric.update_state(&Tensor::from([0.0f32]), &Tensor::from([1.0f32]), None)?;
    /// assert_eq!(metric.result().item::<f32>()?, 0.375);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn by_name(name: &str, arguments: &Config) -> Result<Self> {
        let values = match FUNCTIONS.iter().find(|(known, _)| *known == name) {
            Some((_, make)) => make(arguments)?,
            None => loss_of(name, arguments)?,
        };
        Ok(Self::of(name, values, Some(arguments.clone())))
    }

    fn of(name: &str, values: Values, arguments: Option<Config>) -> Self {
        Self {
            mean: Mean::new().name(name),
            values,
            function: arguments.map(|arguments| (name.to_owned(), arguments)),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        let function = match config.get("fn") {
            Some(Json::String(name)) => Some(name.as_str()),
            Some(object) => object.get("config").and_then(Json::as_str),
            None => None,
        };
        let Some(function) = function else {
            let got = config.get("fn").map_or("none".to_owned(), Json::to_string);
            let expected =
                "the name of a loss or accuracy, or the object that Keras writes for one";
            let fix = "A function of your own is given to MeanMetricWrapper::new";
            return Err(Error::format(
                "argument \"fn\" of MeanMetricWrapper",
                expected,
                got,
                fix,
            ));
        };
        let mut arguments = config.clone();
        for key in ["fn", "name", "dtype"] {
            arguments.0.shift_remove(key);
        }
        let mut metric = Self::by_name(function, &arguments)?;
        let own: Vec<&str> = config.0.keys().map(String::as_str).collect();
        metric.mean = metric.mean.configured("MeanMetricWrapper", config, &own)?;
        Ok(metric)
    }

    #[track_caller]
    fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        match self.function {
            Some(_) => (self.values)(y_true, y_pred),
            // A function of the user's own has lines of its own, which say more than the line of `fit`.
            None => scope::outside(|| (self.values)(y_true, y_pred)),
        }
    }

    /// Losses become smaller; of other functions nothing is known.
    fn own_direction(&self) -> Option<Direction> {
        let (name, _) = self.function.as_ref()?;
        let is_loss = losses::names().contains(&name.as_str());
        is_loss.then_some(Direction::Down)
    }

    fn own_config(&self) -> Config {
        let Some((name, arguments)) = &self.function else {
            return Config::new();
        };
        let function = Config::new()
            .with("module", "builtins")
            .with("class_name", "function")
            .with("config", name.as_str())
            .with("registered_name", "function");
        let mut config = Config::new().with("fn", Json::Object(function.0));
        config.0.extend(arguments.0.clone());
        config
    }
}

fn loss_of(name: &str, arguments: &Config) -> Result<Values> {
    if !losses::names().contains(&name) {
        let own = FUNCTIONS.iter().map(|(known, _)| *known);
        let known: Vec<&str> = own.chain(losses::names()).collect();
        return Err(Error::unknown("function", name, &known));
    }
    let loss = losses::from_config(name, arguments)?;
    Ok(Arc::new(move |y_true, y_pred| loss.call(y_true, y_pred)))
}
