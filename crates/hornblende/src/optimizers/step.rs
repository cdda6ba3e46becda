// tidy: not an item
//! One step of an optimizer as graph: unscale, accumulate, clip, decay, update, average, count.

use hornblende_core::{DType, Result, Tensor, Variable};

use super::base::{Built, float_type};
use super::clipping::clip;
use super::{Optimizer, OptimizerBase, Update};

/// The learning rate in use now, `F32`.
pub(super) fn learning_rate(base: &OptimizerBase) -> Tensor {
    let calls = base.iteration.read();
    let rate = base.learning_rate.at(&calls);
    if base.decay == 0.0 {
        return rate;
    }
    rate / (calls.cast(DType::F32) * base.decay + 1.0)
}

/// How many updates were made: calls of `apply_gradients`, divided by the calls for each update.
pub(super) fn iterations(base: &OptimizerBase) -> Tensor {
    let calls = base.iteration.read();
    match base.gradient_accumulation_steps {
        None => calls,
        Some(steps) => {
            let whole = &calls - &calls % steps as f64;
            (whole.cast(DType::F64) / steps as f64).cast(DType::I64)
        }
    }
}

/// Applies the gradients to their variables. To be traced: assignments are read back.
pub(super) fn step<O: Optimizer + ?Sized>(
    optimizer: &O,
    pairs: &[(Tensor, Variable)],
) -> Result<()> {
    let base = optimizer.base();
    let built = base.built().clone().unwrap_or_default();
    let places: Vec<usize> = (pairs.iter())
        .filter_map(|(_, variable)| built.position(variable))
        .collect();
    let unscaled: Vec<Tensor> = (pairs.iter())
        .map(|(gradient, variable)| {
            let gradient = gradient.cast(variable.dtype());
            match base.loss_scale_factor() {
                Some(factor) => gradient / factor,
                None => gradient,
            }
        })
        .collect();
    match base.gradient_accumulation_steps {
        None => update(optimizer, &built, unscaled, &places)?,
        Some(steps) => accumulate(optimizer, &built, unscaled, &places, steps)?,
    }
    if base.use_ema {
        average(base, &built)?;
    }
    constrain(pairs)?;
    base.iteration.assign(&(base.iteration.read() + 1))
}

/// Replaces the variables by what their constraints make of them, also after a call that only adds up.
pub(super) fn constrain(pairs: &[(Tensor, Variable)]) -> Result<()> {
    for (_, variable) in pairs {
        if let Some(constraint) = variable.constraint() {
            variable.assign(&constraint(&variable.read()))?;
        }
    }
    Ok(())
}

/// Runs `work`, and where `condition` is false puts back what these variables held before. A graph has no
/// branches, so what `work` computes is always computed, and taken or not.
pub(super) fn only_if(
    condition: &Tensor,
    variables: &[Variable],
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let before: Vec<Tensor> = variables.iter().map(Variable::read).collect();
    work()?;
    for (variable, old) in variables.iter().zip(before) {
        let new = variable.read();
        if !new.is_same(&old) {
            variable.assign(&condition.select(new, old))?;
        }
    }
    Ok(())
}

/// Clips, decays and updates.
fn update<O: Optimizer + ?Sized>(
    optimizer: &O,
    built: &Built,
    gradients: Vec<Tensor>,
    places: &[usize],
) -> Result<()> {
    let base = optimizer.base();
    let (rate, iterations) = (learning_rate(base), iterations(base));
    let gradients = clip(base, gradients);
    for place in places {
        let variable = &built.variables[*place];
        let decay = optimizer.weight_decay_of(variable);
        if let Some(decay) = decay.filter(|_| base.decays(variable)) {
            let x = variable.read();
            variable.assign(&(&x - &x * decay * rate.cast(variable.dtype())))?;
        }
    }
    optimizer.begin_update(&iterations, &built.shared)?;
    for (gradient, place) in gradients.into_iter().zip(places) {
        let variable = built.variables[*place].clone();
        optimizer.update_step(&Update {
            gradient,
            learning_rate: rate.cast(variable.dtype()),
            iterations: iterations.cast(float_type(&variable)),
            shared: built.shared.clone(),
            slots: built.slots[*place].clone(),
            variable,
        })?;
    }
    Ok(())
}

/// Adds the gradients up; at every `steps`-th call updates with their mean.
fn accumulate<O: Optimizer + ?Sized>(
    optimizer: &O,
    built: &Built,
    gradients: Vec<Tensor>,
    places: &[usize],
    steps: usize,
) -> Result<()> {
    let calls = optimizer.base().iteration.read() + 1;
    let is_update = (&calls % steps as f64).equal(0.0);
    for (gradient, place) in gradients.iter().zip(places) {
        built.accumulators[*place].assign_add(gradient)?;
    }
    let means = (places.iter())
        .map(|place| built.accumulators[*place].read() / steps as f64)
        .collect();
    let slots = |place: &usize| built.slots[*place].iter().map(|(_, slot)| slot.clone());
    let changed: Vec<Variable> = (places.iter())
        .flat_map(|place| slots(place).chain([built.variables[*place].clone()]))
        .chain(built.shared.iter().cloned())
        .collect();
    only_if(&is_update, &changed, || {
        update(optimizer, built, means, places)
    })?;
    for accumulator in &built.accumulators {
        accumulator.assign(&is_update.select(0.0, accumulator.read()))?;
    }
    Ok(())
}

/// Moves the averages towards the variables; the first step makes them equal.
fn average(base: &OptimizerBase, built: &Built) -> Result<()> {
    let iterations = iterations(base);
    let (is_first, m) = (iterations.equal(0.0), base.ema_momentum);
    let overwrite = base
        .ema_overwrite_frequency
        .map(|frequency| (&iterations + 1) % frequency as f64)
        .map(|rest| rest.equal(0.0));
    for (variable, average) in built.variables.iter().zip(&built.averages) {
        let x = variable.read();
        average.assign(&is_first.select(&x, average.read() * m + &x * (1.0 - m)))?;
        if let Some(overwrite) = &overwrite {
            variable.assign(&overwrite.select(average.read(), &x))?;
        }
    }
    Ok(())
}
