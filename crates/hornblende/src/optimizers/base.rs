// tidy: not an item
//! What all optimizers have: the common arguments, the learning rate, the state.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hornblende_core::{DType, Error, Procedure, Result, Spec, Value, Variable};

use super::learning_rate::IntoLearningRate;
use super::{LearningRate, patterns};
use crate::config::{Config, Json};

/// The arguments that all optimizers take, and the state that belongs to no algorithm.
///
/// An optimizer of your own holds one and hands it out by `Optimizer::base`.
pub struct OptimizerBase {
    pub(super) name: String,
    pub(super) learning_rate: LearningRate,
    pub(super) decay: f64,
    pub(super) weight_decay: Option<f64>,
    pub(super) clipnorm: Option<f64>,
    pub(super) clipvalue: Option<f64>,
    pub(super) global_clipnorm: Option<f64>,
    pub(super) use_ema: bool,
    pub(super) ema_momentum: f64,
    pub(super) ema_overwrite_frequency: Option<usize>,
    pub(super) loss_scale_factor: Option<f64>,
    pub(super) gradient_accumulation_steps: Option<usize>,
    /// Patterns of the paths of variables that do not decay.
    without_weight_decay: Mutex<Vec<String>>,
    /// Variables that do not decay.
    pub(super) variables_without_weight_decay: Vec<Variable>,
    /// An optimizer around this one has undone the scaling of the loss already.
    is_unscaled_outside: AtomicBool,
    /// Counts the calls of `apply_gradients`.
    pub(super) iteration: Variable,
    built: Mutex<Option<Built>>,
    /// The update of these variables from gradients of these types, as last used outside a trace.
    pub(super) update: Mutex<Option<(UpdateKey, Arc<Procedure>)>>,
}

/// What an update was traced for.
pub(super) type UpdateKey = Vec<(u64, Spec)>;

/// The variables that an optimizer was built for, and its own for them.
#[derive(Clone, Default)]
pub(super) struct Built {
    pub(super) variables: Vec<Variable>,
    /// One for each variable with `use_ema`, else none.
    pub(super) averages: Vec<Variable>,
    /// One for each variable with `gradient_accumulation_steps`, else none.
    pub(super) accumulators: Vec<Variable>,
    /// The slots of each variable.
    pub(super) slots: Vec<Vec<(&'static str, Variable)>>,
    /// What belongs to the optimizer and to no variable alone.
    pub(super) shared: Vec<Variable>,
    /// All variables of the optimizer for these, in Keras's order.
    pub(super) all: Vec<Variable>,
}

impl Built {
    pub(super) fn position(&self, variable: &Variable) -> Option<usize> {
        self.variables.iter().position(|v| v == variable)
    }
}

impl OptimizerBase {
    /// Keras's defaults.
    #[must_use]
    pub fn new(name: &str, learning_rate: f64) -> Self {
        let iteration = Variable::from_value("iteration", Value::scalar(0i64));
        iteration.set_trainable(false);
        Self {
            name: name.to_owned(),
            learning_rate: LearningRate::number(learning_rate),
            decay: 0.0,
            weight_decay: None,
            clipnorm: None,
            clipvalue: None,
            global_clipnorm: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            loss_scale_factor: None,
            gradient_accumulation_steps: None,
            without_weight_decay: Mutex::default(),
            variables_without_weight_decay: Vec::new(),
            is_unscaled_outside: AtomicBool::new(false),
            iteration,
            built: Mutex::new(None),
            update: Mutex::new(None),
        }
    }

    /// The keys that [`OptimizerBase::configured`] reads, and `own` ones.
    #[must_use]
    pub fn known_keys<'a>(own: &[&'a str]) -> Vec<&'a str> {
        let common = [
            "name",
            "learning_rate",
            "decay",
            "weight_decay",
            "clipnorm",
            "clipvalue",
            "global_clipnorm",
            "use_ema",
            "ema_momentum",
            "ema_overwrite_frequency",
            "loss_scale_factor",
            "gradient_accumulation_steps",
        ];
        common.into_iter().chain(own.iter().copied()).collect()
    }

    /// Takes the common arguments from a configuration.
    ///
    /// # Errors
    /// [`Error::Format`] for one of the wrong kind, [`Error::InvalidArgument`] for one out of range.
    pub fn configured(mut self, config: &Config) -> Result<Self> {
        if let Some(name) = config.text("name")? {
            self.name = name;
        }
        if let Some(rate) = config.get("learning_rate") {
            self.learning_rate = LearningRate::from_json(rate)?;
        }
        self.decay = config.number("decay")?.unwrap_or(self.decay);
        if config.0.contains_key("weight_decay") {
            self.weight_decay = config.number("weight_decay")?;
        }
        self.clipnorm = config.number("clipnorm")?;
        self.clipvalue = config.number("clipvalue")?;
        self.global_clipnorm = config.number("global_clipnorm")?;
        self.use_ema = config.flag("use_ema")?.unwrap_or(self.use_ema);
        self.ema_momentum = config.number("ema_momentum")?.unwrap_or(self.ema_momentum);
        self.ema_overwrite_frequency = config.size("ema_overwrite_frequency")?;
        self.loss_scale_factor = config.number("loss_scale_factor")?;
        self.gradient_accumulation_steps = config.size("gradient_accumulation_steps")?;
        self.check()?;
        Ok(self)
    }

    /// The common arguments, without `decay` unless it is used.
    #[must_use]
    pub fn get_config(&self) -> Config {
        let size = |n: Option<usize>| n.map_or(Json::Null, Json::from);
        let config = Config::new()
            .with("name", self.name.as_str())
            .with("learning_rate", self.learning_rate.to_json())
            .with("weight_decay", self.weight_decay)
            .with("clipnorm", self.clipnorm)
            .with("global_clipnorm", self.global_clipnorm)
            .with("clipvalue", self.clipvalue)
            .with("use_ema", self.use_ema)
            .with("ema_momentum", self.ema_momentum)
            .with(
                "ema_overwrite_frequency",
                size(self.ema_overwrite_frequency),
            )
            .with("loss_scale_factor", self.loss_scale_factor())
            .with(
                "gradient_accumulation_steps",
                size(self.gradient_accumulation_steps),
            );
        if self.decay == 0.0 {
            config
        } else {
            config.with("decay", self.decay)
        }
    }

    /// Sets the learning rate: a number, a schedule or a closure of the step.
    pub fn set_learning_rate(&mut self, learning_rate: impl IntoLearningRate) {
        self.learning_rate = learning_rate.into_learning_rate();
    }

    /// Fails if an argument makes no sense. Builders return no `Result`, so `build` asks.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] that says which.
    pub fn check(&self) -> Result<()> {
        let clips = [
            ("clipnorm", self.clipnorm),
            ("clipvalue", self.clipvalue),
            ("global_clipnorm", self.global_clipnorm),
        ];
        let set: Vec<&str> = clips
            .iter()
            .filter(|c| c.1.is_some())
            .map(|c| c.0)
            .collect();
        if set.len() > 1 {
            return Err(self.refuse(
                "clipnorm",
                "at most one of clipnorm, clipvalue and global_clipnorm",
                set.join(" and "),
            ));
        }
        for (name, limit) in clips {
            self.above_zero(name, limit)?;
        }
        self.above_zero("loss_scale_factor", self.loss_scale_factor)?;
        if !(0.0..=1.0).contains(&self.ema_momentum) {
            let got = self.ema_momentum.to_string();
            return Err(self.refuse("ema_momentum", "a number from 0 to 1", got));
        }
        if self.ema_overwrite_frequency == Some(0) {
            let wanted = "a whole number of at least 1";
            return Err(self.refuse("ema_overwrite_frequency", wanted, "0".to_owned()));
        }
        if let Some(steps @ (0 | 1)) = self.gradient_accumulation_steps {
            let wanted = "a whole number of at least 2";
            return Err(self.refuse("gradient_accumulation_steps", wanted, steps.to_string()));
        }
        if let LearningRate::Number(rate) = &self.learning_rate {
            let rate = rate.value().get_f64(0);
            if !(rate.is_finite() && rate >= 0.0) {
                let wanted = "a finite number of at least 0";
                return Err(self.refuse("learning_rate", wanted, (rate as f32).to_string()));
            }
        }
        patterns::check(
            &format!("{}: exclude_from_weight_decay", self.name),
            &*self.without_weight_decay(),
        )?;
        let is_schedule = matches!(self.learning_rate, LearningRate::Schedule(_));
        if is_schedule && self.decay != 0.0 {
            return Err(self.refuse(
                "decay",
                "a number as learning_rate",
                "a schedule".to_owned(),
            ));
        }
        Ok(())
    }

    fn above_zero(&self, name: &str, number: Option<f64>) -> Result<()> {
        match number {
            Some(x) if x.is_nan() || x <= 0.0 => {
                Err(self.refuse(name, "a number above 0", x.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// Fails if an argument of the algorithm is not in its range. [`f64::MAX`] stands for no end, and
    /// [`f64::MIN_POSITIVE`] for what is just above 0.
    pub(super) fn within(
        &self,
        argument: &str,
        x: Option<f64>,
        range: &RangeInclusive<f64>,
    ) -> Result<()> {
        let Some(x) = x else { return Ok(()) };
        if range.contains(&x) {
            return Ok(());
        }
        let low = match *range.start() {
            f64::MIN => String::new(),
            f64::MIN_POSITIVE => " above 0".to_owned(),
            low => format!(" of at least {low}"),
        };
        let high = match *range.end() {
            f64::MAX => String::new(),
            high => format!(" and at most {high}"),
        };
        let high = if low.is_empty() {
            high.replace("and", "of")
        } else {
            high
        };
        Err(self.refuse(
            argument,
            &format!("a finite number{low}{high}"),
            x.to_string(),
        ))
    }

    pub(super) fn refuse(&self, argument: &str, expected: &str, got: String) -> Error {
        Error::invalid_argument(format!("{}: {argument}", self.name), expected, got, "")
    }

    /// Patterns of the paths of variables that do not decay.
    pub(super) fn without_weight_decay(&self) -> MutexGuard<'_, Vec<String>> {
        let patterns = self.without_weight_decay.lock();
        patterns.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether weight decay applies to this variable.
    pub(super) fn decays(&self, variable: &Variable) -> bool {
        !self.variables_without_weight_decay.contains(variable)
            && !patterns::found_in(&self.without_weight_decay(), &variable.name())
    }

    /// What the loss was multiplied by, unless an optimizer around this one takes care of it.
    pub(super) fn loss_scale_factor(&self) -> Option<f64> {
        let is_outside = self.is_unscaled_outside.load(Ordering::Relaxed);
        self.loss_scale_factor.filter(|_| !is_outside)
    }

    /// Leaves the scaling of the loss to an optimizer around this one, as Keras does.
    pub(super) fn leave_unscaling_outside(&self) {
        self.is_unscaled_outside.store(true, Ordering::Relaxed);
    }

    pub(super) fn built(&self) -> MutexGuard<'_, Option<Built>> {
        self.built.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The type in which the counter of steps enters computations with `variable`.
pub(super) fn float_type(variable: &Variable) -> DType {
    if variable.dtype().is_float() {
        variable.dtype()
    } else {
        DType::F32
    }
}
