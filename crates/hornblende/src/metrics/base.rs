// tidy: not an item
//! What all metrics of the library have: a name, an element type, and the variables of their state.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hornblende_core::{DType, Error, Result, Shape, Tensor, Value, Variable};

use crate::config::Config;

/// Name, element type and state of a metric.
///
/// # Example
/// A metric of one's own, as a Keras user writes it:
/// ```
/// use hornblende::metrics::MetricBase;
/// use hornblende::prelude::*;
///
/// struct CategoricalTruePositives {
///     base: MetricBase,
///     count: Variable,
/// }
///
/// impl CategoricalTruePositives {
///     fn new() -> Self {
///         let base = MetricBase::new("categorical_true_positives");
///         let count = base.add_variable("ctp", []);
///         Self { base, count }
///     }
/// }
///
/// impl Metric for CategoricalTruePositives {
///     fn base(&self) -> &MetricBase {
///         &self.base
///     }
///
///     fn update_state(&self, y_true: &Tensor, y_pred: &Tensor, _: Option<&Tensor>) -> Result<()> {
///         let right = y_pred.argmax(-1).equal(y_true.cast(DType::I32));
///         self.count.assign_add(&right.cast(DType::F32).sum(..))
///     }
///
///     fn result(&self) -> Tensor {
///         self.count.read()
///     }
/// }
///
/// let metric = CategoricalTruePositives::new();
/// metric.update_state(&Tensor::from([1i32, 0]), &Tensor::from([[0.1f32, 0.9], [0.2, 0.8]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug)]
pub struct MetricBase {
    name: Cow<'static, str>,
    dtype: DType,
    /// An argument that makes no sense; told when the metric is used, because builders return no `Result`.
    error: Option<Error>,
    variables: Mutex<Vec<Variable>>,
}

impl MetricBase {
    /// A metric of this name that counts in `F32`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            dtype: DType::F32,
            error: None,
            variables: Mutex::new(Vec::new()),
        }
    }

    /// Takes `name` and `dtype` from a configuration, which may have the metric's `own` arguments besides.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for an argument or a type that nothing has, [`Error::Format`] if one is no text.
    pub fn configured(mut self, class_name: &str, config: &Config, own: &[&str]) -> Result<Self> {
        let known: Vec<&str> = own.iter().copied().chain(["name", "dtype"]).collect();
        config.only(class_name, &known)?;
        if let Some(name) = config.text("name")? {
            self.set_name(&name);
        }
        if let Some(dtype) = config.text("dtype")? {
            let names = DType::ALL.map(DType::name);
            match DType::from_name(&dtype) {
                Some(dtype) => self.set_dtype(dtype),
                None => return Err(Error::unknown("dtype", &dtype, &names)),
            }
        }
        Ok(self)
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The element type of state and result.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Sets the name.
    pub fn set_name(&mut self, name: &str) {
        self.name = name.to_owned().into();
    }

    /// Sets the element type; variables made before are forgotten.
    pub fn set_dtype(&mut self, dtype: DType) {
        self.dtype = dtype;
        self.forget();
    }

    /// Forgets the variables, because an argument that they depend on has changed.
    pub(super) fn forget(&mut self) {
        self.variables = Mutex::default();
    }

    /// Notes an argument that makes no sense; the first is kept.
    pub fn refuse(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// The error of the first argument that made no sense.
    ///
    /// # Errors
    /// That error.
    pub fn check(&self) -> Result<()> {
        self.error.clone().map_or(Ok(()), Err)
    }

    /// The arguments `name` and `dtype`.
    #[must_use]
    pub fn get_config(&self) -> Config {
        let config = Config::new().with("name", self.name());
        config.with("dtype", self.dtype.name())
    }

    /// One more variable of the state, which begins at 0 and which no optimizer changes. Also called
    /// `add_weight` in Keras.
    pub fn add_variable(&self, name: &str, shape: impl Into<Shape>) -> Variable {
        let variable = Variable::from_value(name, Value::zeros(shape.into(), self.dtype));
        variable.set_trainable(false);
        self.locked().push(variable.clone());
        variable
    }

    /// The variables made so far.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        self.locked().clone()
    }

    /// The variables of these names and this shape, made at the first call.
    pub(super) fn state(&self, names: &[&str], shape: &[usize]) -> Vec<Variable> {
        if self.locked().is_empty() {
            for name in names {
                self.add_variable(name, shape.to_vec());
            }
        }
        self.variables()
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Variable>> {
        self.variables
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds an amount to each of the variables: to all, or, if one of them cannot be, to none.
pub(super) fn add_to(variables: &[Variable], amounts: &[Tensor]) -> Result<()> {
    let added = |(variable, amount): (&Variable, &Tensor)| {
        let sum = variable.read() + amount.cast(variable.dtype());
        sum.check().cloned()
    };
    let sums = variables.iter().zip(amounts).map(added);
    let sums = sums.collect::<Result<Vec<Tensor>>>()?;
    variables
        .iter()
        .zip(&sums)
        .try_for_each(|(v, sum)| v.assign(sum))
}

/// The builder methods that all metrics have; they differ in nothing.
macro_rules! metric_arguments {
    ($metric:ident, $($base:ident).+) => {
        impl $metric {
            /// The name under which the result is logged.
            #[must_use]
            pub fn name(mut self, name: &str) -> Self {
                self.$($base).+.set_name(name);
                self
            }

            /// The element type of state and result.
            #[must_use]
            pub fn dtype(mut self, dtype: hornblende_core::DType) -> Self {
                self.$($base).+.set_dtype(dtype);
                self
            }
        }
    };
    ($metric:ident) => {
        crate::metrics::base::metric_arguments!($metric, base);

        impl Default for $metric {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}
pub(super) use metric_arguments;
