"""Optimizers: variables after each step, learning rates, the optimizer's own variables."""

import keras
import numpy as np
from makers.notation import array, build, find, number

STEPS = 8
# What every optimizer takes.
COMMON = [
    {}, {"learning_rate": 0.05}, {"weight_decay": 0.1, "learning_rate": 0.1}, {"clipnorm": 0.4}, {"clipvalue": 0.2},
    {"global_clipnorm": 0.5}, {"use_ema": True, "ema_momentum": 0.7, "learning_rate": 0.1},
    {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3, "learning_rate": 0.1},
    {"gradient_accumulation_steps": 3, "learning_rate": 0.1}, {"loss_scale_factor": 4.0, "learning_rate": 0.1},
    {"learning_rate": {"class": "ExponentialDecay", "config": {"initial_learning_rate": 0.2, "decay_steps": 2, "decay_rate": 0.7}}},
    {"learning_rate": {"class": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 5}}, "name": "own"},
]
# What some take beside it.
OPTIONS = {
    "SGD": [{"momentum": 0.8}, {"momentum": 0.8, "nesterov": True}, {"momentum": 0.5, "weight_decay": 0.2}],
    "RMSprop": [{"rho": 0.6}, {"momentum": 0.5}, {"centered": True}, {"epsilon": 1e-3, "momentum": 0.3, "centered": True}],
    "Adam": [{"beta_1": 0.5, "beta_2": 0.7}, {"amsgrad": True}, {"epsilon": 1e-2, "amsgrad": True}],
    "AdamW": [{"weight_decay": 0.3}, {"amsgrad": True}, {"beta_1": 0.4}],
    "Adagrad": [{"initial_accumulator_value": 0.5}, {"epsilon": 0.1}],
    "Adadelta": [{"rho": 0.5}, {"epsilon": 1e-2, "learning_rate": 1.0}],
    "Adamax": [{"beta_1": 0.5, "beta_2": 0.7}, {"epsilon": 0.1}],
    "Nadam": [{"beta_1": 0.5, "beta_2": 0.7}, {"epsilon": 0.1}],
    "Ftrl": [{"learning_rate_power": -0.3}, {"initial_accumulator_value": 0.5}, {"l1_regularization_strength": 0.3},
             {"l2_regularization_strength": 0.3}, {"l2_shrinkage_regularization_strength": 0.2}, {"beta": 0.7}],
    "Lion": [{"beta_1": 0.5, "beta_2": 0.7}, {"weight_decay": 0.4}],
    "Lamb": [{"beta_1": 0.5, "beta_2": 0.7}, {"epsilon": 0.1}],
    "Adafactor": [{"beta_2_decay": -0.5}, {"epsilon_1": 1e-5, "epsilon_2": 0.1}, {"clip_threshold": 0.3}, {"relative_step": False}],
    "Muon": [{"momentum": 0.5}, {"nesterov": False}, {"ns_steps": 3}, {"exclude_layers": ["kernel"]}, {"rms_rate": 0.4},
             {"adam_lr_ratio": 0.5}, {"adam_weight_decay": 0.1}, {"exclude_embeddings": False}],
    "ScheduleFreeAdamW": [{"beta_1": 0.7}, {"warmup_steps": 3}, {"weight_decay": 0.2}],
}
SHAPES = {"kernel": [3, 4], "bias": [4]}
MORE_SHAPES = {"conv/kernel": [2, 2, 3, 2], "conv/bias": [2], "scale": []}


def variables_of(maker, shapes):
    values = {name: maker.normal(shape) for name, shape in shapes.items()}
    return values, [keras.Variable(value, name=name.replace("/", "_")) for name, value in values.items()]


def own(variable):
    value = np.asarray(variable)
    return {"name": variable.path, "shape": list(value.shape), "value": array(value)}


def case(maker, name, config, shapes, exclude=None):
    optimizer = find(f"optimizers.{name}")(**build(config))
    _, variables = variables_of(maker, shapes)
    written = [{"name": v.name, "value": array(v)} for v in variables]
    if exclude:
        optimizer.exclude_from_weight_decay(**exclude)
    optimizer.build(variables)
    gradients, values, rates = [], [], []
    for step in range(STEPS):
        step_gradients = [maker.normal(v.shape) for v in variables]
        if step == 3:
            step_gradients[-1] = np.zeros_like(step_gradients[-1])
        rates.append(number(optimizer.learning_rate))
        optimizer.apply_gradients(zip([keras.ops.convert_to_tensor(g) for g in step_gradients], variables))
        gradients.append([array(g) for g in step_gradients])
        values.append([array(v) for v in variables])
    expected = {"values": values, "learning_rate": rates, "iterations": int(optimizer.iterations)}
    expected["optimizer_variables"] = [own(v) for v in optimizer.variables]
    if config.get("use_ema"):
        optimizer.finalize_variable_values(variables)
        expected["finalized"] = [array(v) for v in variables]
    made = {"class": name, "config": config, "variables": written, "gradients": gradients, "expected": expected}
    return {**made, "exclude_from_weight_decay": exclude} if exclude else made


def make(maker):
    for name, options in OPTIONS.items():
        for k, config in enumerate(COMMON + [{"learning_rate": 0.1, **o} for o in options]):
            maker.add(f"{name}/{k}", lambda: case(maker, name, config, SHAPES))
        maker.add(f"{name}/shapes", lambda: case(maker, name, {"learning_rate": 0.05}, MORE_SHAPES))
        excluded = {"var_names": ["bias"]}
        decay = {"learning_rate": 0.1, "weight_decay": 0.2}
        maker.add(f"{name}/exclude", lambda: case(maker, name, decay, SHAPES, excluded))
