// tidy: not an item
//! What an optimizer is.

use std::panic::Location;
use std::sync::{Arc, PoisonError};

use hornblende_core::autodiff::SQUARES_OF_ROWS;
use hornblende_core::function::is_tracing;
use hornblende_core::{DType, Error, Procedure, Result, Tensor, Value, Variable, gradient, scope};

use super::base::{Built, UpdateKey, float_type};
use super::{LearningRate, OptimizerBase, Slot, Update, patterns, step};
use crate::config::Config;

/// Changes variables so that a loss falls.
///
/// An optimizer of your own implements [`Optimizer::base`], [`Optimizer::slots`] and
/// [`Optimizer::update_step`]; clipping, weight decay, averages and accumulation come with the rest.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = Variable::new("w", Tensor::from([1.0f32, -2.0]))?;
/// let optimizer = SGD::new().learning_rate(0.25);
/// for _ in 0..20 {
///     optimizer.minimize(|| w.read().square().sum(..), &[w.clone()])?;
/// }
/// assert!(w.read().abs().max(..).item::<f32>()? < 1e-5);
/// # Ok::<(), Error>(())
/// ```
pub trait Optimizer: Send + Sync {
    /// The common arguments and state.
    fn base(&self) -> &OptimizerBase;

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "Optimizer"
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        self.base().get_config()
    }

    /// Fails if an argument makes no sense. Builders return no `Result`, so `build` and `compile` ask.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] that says which.
    fn check(&self) -> Result<()> {
        self.base().check()
    }

    /// The slots of a variable in groups, as many groups for each variable. The optimizer's variables are
    /// ordered by group; within a group the slots of one variable stand together.
    fn slots(&self, _variable: &Variable) -> Vec<Vec<Slot>> {
        Vec::new()
    }

    /// Variables that belong to no variable alone; they come last. `dtype` is the type of the first variable.
    fn shared_variables(&self, _dtype: DType) -> Vec<Variable> {
        Vec::new()
    }

    /// The weight decay of a variable that is not excluded from it.
    fn weight_decay_of(&self, _variable: &Variable) -> Option<f64> {
        self.base().weight_decay
    }

    /// Assigns to the shared variables, before the first [`Optimizer::update_step`] of an update.
    /// `iterations` counts the updates before (`I64`).
    ///
    /// # Errors
    /// If it cannot be computed.
    fn begin_update(&self, _iterations: &Tensor, _shared: &[Variable]) -> Result<()> {
        Ok(())
    }

    /// Updates one variable and its slots by assigning to them. Called while a trace is being made: what is
    /// assigned can be read back.
    ///
    /// # Errors
    /// If it cannot be computed.
    fn update_step(&self, update: &Update) -> Result<()>;

    /// One step as graph: clips, decays, updates, averages and counts. Called while a trace is being made, for
    /// gradients that were checked and variables that the optimizer was built for. An optimizer around
    /// another one calls the other's.
    ///
    /// # Errors
    /// If it cannot be computed.
    fn step(&self, pairs: &[(Tensor, Variable)]) -> Result<()> {
        step::step(self, pairs)
    }

    /// Makes the slots for these variables; done by the first [`Optimizer::apply_gradients`] if not before.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if an argument of the optimizer makes no sense, or if it was built for
    /// other variables.
    fn build(&self, variables: &[Variable]) -> Result<()> {
        build(self, variables)
    }

    /// Updates the variables by their gradients: at once, or, inside a trace, when the program runs.
    ///
    /// # Errors
    /// What a gradient carries; [`Error::ShapeMismatch`] if a gradient has not the shape of its variable;
    /// as [`Optimizer::build`].
    #[track_caller]
    fn apply_gradients(&self, pairs: &[(Tensor, Variable)]) -> Result<()> {
        let location = scope::location(Location::caller());
        scope::at(location, || apply(self, pairs)).map_err(|error| error.at(location))
    }

    /// How many updates were made (`I64`).
    fn iterations(&self) -> Tensor {
        step::iterations(self.base())
    }

    /// The learning rate in use now (`F32`).
    fn learning_rate(&self) -> Tensor {
        step::learning_rate(self.base())
    }

    /// Sets the learning rate; a compiled training step uses it from its next run on.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if the learning rate is a schedule.
    fn set_learning_rate(&self, learning_rate: f64) -> Result<()> {
        match &self.base().learning_rate {
            LearningRate::Number(variable) => variable.set(Value::scalar(learning_rate as f32)),
            LearningRate::Schedule(schedule) => Err(Error::invalid_argument(
                "set_learning_rate",
                "an optimizer whose learning rate is a number",
                schedule.class_name(),
                "Make the optimizer with a number, or change the schedule",
            )),
        }
    }

    /// Adds regular expressions; no weight decay for the variables in whose path one is found. To be called
    /// before the optimizer is built; on an optimizer that is being made, `exclude_from_weight_decay` does it.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for what is no regular expression, or if the optimizer is built.
    fn set_exclude_from_weight_decay(&self, patterns: &[&str]) -> Result<()> {
        exclude(self.base(), patterns)
    }

    /// The loss times `loss_scale_factor`, if there is one: what gradients are to be taken of.
    fn scale_loss(&self, loss: &Tensor) -> Tensor {
        match self.base().loss_scale_factor() {
            Some(factor) => loss * factor,
            None => loss.clone(),
        }
    }

    /// The optimizer's variables in Keras's order: iteration, learning rate unless it is a schedule,
    /// averages, accumulators, slots.
    fn variables(&self) -> Vec<Variable> {
        own_variables(self.base())
    }

    /// The values of [`Optimizer::variables`].
    fn get_weights(&self) -> Vec<Value> {
        self.variables().iter().map(Variable::value).collect()
    }

    /// Sets the values of [`Optimizer::variables`]: all, or none if one does not fit.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for another number of values, [`Error::ShapeMismatch`] or
    /// [`Error::DTypeMismatch`] for a value that does not fit its variable.
    fn set_weights(&self, weights: &[Value]) -> Result<()> {
        set_weights(&self.variables(), weights)
    }

    /// With `use_ema`, each variable that was built for and its moving average; else none.
    fn moving_averages(&self) -> Vec<(Variable, Variable)> {
        let built = self.base().built().clone().unwrap_or_default();
        built.variables.into_iter().zip(built.averages).collect()
    }

    /// With `use_ema`, puts the averages into the variables; `fit` does so at its end.
    ///
    /// # Errors
    /// None in practice: an average has the shape of its variable.
    fn finalize_variable_values(&self, variables: &[Variable]) -> Result<()> {
        let built = self.base().built().clone().unwrap_or_default();
        for (variable, average) in built.variables.iter().zip(&built.averages) {
            if variables.contains(variable) {
                variable.assign(&average.read())?;
            }
        }
        Ok(())
    }
}

/// Minimising a loss in one call.
pub trait Minimize: Optimizer {
    /// Computes the loss and its gradients and updates the variables.
    ///
    /// # Errors
    /// What the loss carries; [`Error::InvalidArgument`] if it depends on none of the variables; as
    /// [`Optimizer::apply_gradients`].
    #[track_caller]
    fn minimize(&self, loss: impl FnOnce() -> Tensor, variables: &[Variable]) -> Result<()> {
        let sources: Vec<Tensor> = variables.iter().map(Variable::read).collect();
        let loss = self.scale_loss(loss().check()?);
        let gradients = gradient(&loss, &sources);
        let pairs: Vec<(Tensor, Variable)> = (gradients.into_iter().zip(variables))
            .filter_map(|(gradient, variable)| Some((gradient?, variable.clone())))
            .collect();
        if pairs.is_empty() {
            return Err(Error::invalid_argument(
                "minimize",
                "a loss that depends on one of the variables",
                "no gradient",
                "Read the variables inside the closure",
            )
            .at(Location::caller()));
        }
        self.apply_gradients(&pairs)
    }
}

impl<O: Optimizer + ?Sized> Minimize for O {}

/// What [`Optimizer::variables`] gives by itself.
pub(super) fn own_variables(base: &OptimizerBase) -> Vec<Variable> {
    let mut variables = vec![base.iteration.clone()];
    if let LearningRate::Number(rate) = &base.learning_rate {
        variables.push(rate.clone());
    }
    if let Some(built) = &*base.built() {
        variables.extend(built.all.iter().cloned());
    }
    variables
}

fn exclude(base: &OptimizerBase, added: &[&str]) -> Result<()> {
    let added: Vec<String> = added.iter().map(|pattern| (*pattern).to_owned()).collect();
    let argument = "exclude_from_weight_decay";
    patterns::check(&format!("{}: {argument}", base.name), &added)?;
    if base.built().is_some() {
        return Err(base.refuse(
            argument,
            "an optimizer that is not built yet",
            "one that is".into(),
        ));
    }
    base.without_weight_decay().extend(added);
    Ok(())
}

/// Makes the variables of an optimizer for these variables.
pub(super) fn build<O: Optimizer + ?Sized>(optimizer: &O, variables: &[Variable]) -> Result<()> {
    let base = optimizer.base();
    optimizer.check()?;
    let mut built = base.built();
    if let Some(built) = &*built {
        return match variables.iter().find(|v| built.position(v).is_none()) {
            None => Ok(()),
            Some(other) => Err(Error::invalid_argument(
                base.name.as_str(),
                "the variables that the optimizer was built for",
                format!("variable \"{}\"", other.name()),
                "Make a new optimizer for other variables",
            )),
        };
    }
    base.iteration.rename(format!("{}/iteration", base.name));
    if let LearningRate::Number(rate) = &base.learning_rate {
        rate.rename(format!("{}/learning_rate", base.name));
    }
    let mut new = Built {
        variables: variables.to_vec(),
        slots: vec![Vec::new(); variables.len()],
        ..Built::default()
    };
    let for_each = |slot: &'static str| -> Vec<Variable> {
        (variables.iter())
            .map(|variable| Slot::zeros(slot).variable(&base.name, variable))
            .collect()
    };
    if base.use_ema {
        new.averages = for_each("average");
    }
    if base.gradient_accumulation_steps.is_some() {
        new.accumulators = for_each("gradient_accumulator");
    }
    new.all = [&new.averages[..], &new.accumulators].concat();
    let wanted: Vec<_> = variables.iter().map(|v| optimizer.slots(v)).collect();
    let groups = wanted.iter().map(Vec::len).max().unwrap_or(0);
    for group in 0..groups {
        for (place, variable) in variables.iter().enumerate() {
            for slot in wanted[place].get(group).into_iter().flatten() {
                let state = slot.variable(&base.name, variable);
                new.all.push(state.clone());
                new.slots[place].push((slot.name, state));
            }
        }
    }
    let dtype = variables.first().map_or(DType::F32, float_type);
    new.shared = optimizer.shared_variables(dtype);
    new.all.extend(new.shared.iter().cloned());
    *built = Some(new);
    Ok(())
}

fn apply<O: Optimizer + ?Sized>(optimizer: &O, pairs: &[(Tensor, Variable)]) -> Result<()> {
    if pairs.is_empty() {
        return Ok(());
    }
    check_pairs(pairs)?;
    let variables: Vec<Variable> = pairs.iter().map(|(_, v)| v.clone()).collect();
    optimizer.build(&variables)?;
    let base = optimizer.base();
    if is_tracing() {
        return optimizer.step(pairs);
    }
    // A gradient of the rows of a table has a remark, which the update asks for and a value alone does not have.
    let of_rows = |gradient: &Tensor| gradient.remark(SQUARES_OF_ROWS).cloned();
    let inputs = |(gradient, variable): &(Tensor, Variable)| {
        let inputs = [Some(gradient.clone()), of_rows(gradient)];
        let id = variable.id();
        inputs.into_iter().flatten().map(move |tensor| (id, tensor))
    };
    let inputs: Vec<(u64, Tensor)> = pairs.iter().flat_map(inputs).collect();
    let key: UpdateKey = (inputs.iter())
        .map(|(id, tensor)| (*id, tensor.spec().clone()))
        .collect();
    let tensors: Vec<Tensor> = inputs.into_iter().map(|(_, tensor)| tensor).collect();
    let mut kept = base.update.lock().unwrap_or_else(PoisonError::into_inner);
    let update = match &mut *kept {
        Some((known, update)) if *known == key => update,
        slot => {
            let specs: Vec<_> = key.iter().map(|(_, spec)| spec.clone()).collect();
            let has_rows: Vec<bool> = pairs.iter().map(|(g, _)| of_rows(g).is_some()).collect();
            let update = Procedure::trace(&specs, |inputs| {
                let mut inputs = inputs.iter();
                let gradient = |has_rows: bool| match (inputs.next()?, has_rows) {
                    (gradient, true) => Some(gradient.with_remark(SQUARES_OF_ROWS, inputs.next()?)),
                    (gradient, false) => Some(gradient.clone()),
                };
                let gradients = has_rows.into_iter().filter_map(gradient);
                optimizer.step(&gradients.zip(variables).collect::<Vec<_>>())
            })?;
            &mut slot.insert((key, update)).1
        }
    };
    update.call(&tensors)
}

fn check_pairs(pairs: &[(Tensor, Variable)]) -> Result<()> {
    for (k, (gradient, variable)) in pairs.iter().enumerate() {
        let subject = || format!("apply_gradients to variable \"{}\"", variable.name());
        gradient.check()?;
        if gradient.shape() != variable.shape() {
            return Err(Error::shape_mismatch(
                subject(),
                format!("a gradient of shape {}", variable.shape()),
                gradient.shape().to_string(),
                "",
            ));
        }
        if pairs[..k].iter().any(|(_, other)| other == variable) {
            return Err(Error::invalid_argument(
                subject(),
                "one gradient for each variable",
                "several",
                "Add them up",
            ));
        }
    }
    Ok(())
}

fn set_weights(variables: &[Variable], weights: &[Value]) -> Result<()> {
    if variables.len() != weights.len() {
        return Err(Error::invalid_argument(
            "set_weights",
            format!("{} values", variables.len()),
            weights.len().to_string(),
            "The slots exist once the optimizer is built",
        ));
    }
    let fits = |(variable, value): (&Variable, &Value)| {
        variable.shape() == value.shape() && variable.dtype() == value.dtype()
    };
    if variables.iter().zip(weights).all(fits) {
        return (variables.iter().zip(weights))
            .try_for_each(|(variable, value)| variable.set(value.clone()));
    }
    // The first that does not fit says why when it is set, before which nothing has been.
    match variables.iter().zip(weights).find(|pair| !fits(*pair)) {
        Some((variable, value)) => variable.set(value.clone()),
        None => Ok(()),
    }
}

/// What can be given where an optimizer is asked for: a name or a value.
pub trait IntoOptimizer {
    /// The optimizer.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that nothing has; an argument that makes no sense.
    fn into_optimizer(self) -> Result<Arc<dyn Optimizer>>;
}

impl IntoOptimizer for &str {
    fn into_optimizer(self) -> Result<Arc<dyn Optimizer>> {
        super::get(self)
    }
}

impl IntoOptimizer for String {
    fn into_optimizer(self) -> Result<Arc<dyn Optimizer>> {
        super::get(&self)
    }
}

impl IntoOptimizer for Arc<dyn Optimizer> {
    fn into_optimizer(self) -> Result<Arc<dyn Optimizer>> {
        self.check()?;
        Ok(self)
    }
}

impl IntoOptimizer for Box<dyn Optimizer> {
    fn into_optimizer(self) -> Result<Arc<dyn Optimizer>> {
        Arc::<dyn Optimizer>::from(self).into_optimizer()
    }
}

/// The caller keeps a handle, through which the learning rate can be read and set while training.
impl<O: Optimizer + 'static> IntoOptimizer for Arc<O> {
    fn into_optimizer(self) -> Result<Arc<dyn Optimizer>> {
        (self as Arc<dyn Optimizer>).into_optimizer()
    }
}

impl<O: Optimizer + 'static> IntoOptimizer for O {
    fn into_optimizer(self) -> Result<Arc<dyn Optimizer>> {
        Arc::new(self).into_optimizer()
    }
}
