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

/// Applies the gradients to the variables at these places of `built`. To be traced: assignments are read
/// back.
pub(super) fn step<O: Optimizer + ?Sized>(
    optimizer: &O,
    built: &Built,
    gradients: &[Tensor],
    places: &[usize],
) -> Result<()> {
    let base = optimizer.base();
    let unscaled: Vec<Tensor> = (gradients.iter().zip(places))
        .map(|(gradient, place)| {
            let gradient = gradient.cast(built.variables[*place].dtype());
            match base.loss_scale_factor {
                Some(factor) => gradient / factor,
                None => gradient,
            }
        })
        .collect();
    match base.gradient_accumulation_steps {
        None => update(optimizer, built, unscaled, places)?,
        Some(steps) => accumulate(optimizer, built, unscaled, places, steps)?,
    }
    if base.use_ema {
        average(base, built)?;
    }
    base.iteration.assign(&(base.iteration.read() + 1))
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
    if let Some(decay) = base.weight_decay {
        for place in places {
            let variable = &built.variables[*place];
            if base.decays(variable) {
                let x = variable.read();
                variable.assign(&(&x - &x * decay * rate.cast(variable.dtype())))?;
            }
        }
    }
    for (gradient, place) in gradients.into_iter().zip(places) {
        let variable = built.variables[*place].clone();
        optimizer.update_step(&Update {
            gradient,
            learning_rate: rate.cast(variable.dtype()),
            iterations: iterations.cast(float_type(&variable)),
            slots: built.slots[*place].clone(),
            variable,
        })?;
    }
    Ok(())
}

/// Adds the gradients up; at every `steps`-th call updates with their mean. A graph has no branches, so the
/// update is always computed and taken or not.
fn accumulate<O: Optimizer + ?Sized>(
    optimizer: &O,
    built: &Built,
    gradients: Vec<Tensor>,
    places: &[usize],
    steps: usize,
) -> Result<()> {
    let calls = optimizer.base().iteration.read() + 1;
    let is_update = (&calls % steps as f64).equal(0.0);
    let sums: Vec<Tensor> = (gradients.iter().zip(places))
        .map(|(gradient, place)| built.accumulators[*place].read() + gradient)
        .collect();
    let slots = |place: &usize| built.slots[*place].iter().map(|(_, slot)| slot.clone());
    let before: Vec<(Variable, Tensor)> = (places.iter())
        .flat_map(|place| slots(place).chain([built.variables[*place].clone()]))
        .map(|variable| (variable.clone(), variable.read()))
        .collect();
    let means = sums.iter().map(|sum| sum / steps as f64).collect();
    update(optimizer, built, means, places)?;
    for (variable, old) in before {
        variable.assign(&is_update.select(variable.read(), old))?;
    }
    for (sum, place) in sums.iter().zip(places) {
        built.accumulators[*place].assign(&is_update.select(0.0, sum))?;
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
