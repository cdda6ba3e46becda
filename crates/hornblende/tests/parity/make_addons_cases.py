"""Cases of the optimizers that Keras lacks, made by TensorFlow Addons 0.23.0.

    pip download --no-deps tensorflow-addons==0.23.0 tf-keras 'typeguard<3'   # install with --no-deps --target SITE
    python make_addons_cases.py SITE > cases/optimizers_addons.json

Needs tensorflow. Addons does not import beside a current TensorFlow as a whole; its optimizers do, once the module
of its type hints is replaced.
"""

import json
import os
import sys
import types
import typing

os.environ.update(TF_USE_LEGACY_KERAS="1", TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")
SITE = sys.argv[1]
sys.path.insert(0, SITE)


def stub(name, *path):
    module = types.ModuleType(name)
    module.__path__ = [os.path.join(SITE, *path)] if path else []
    sys.modules[name] = module
    return module


stub("tensorflow_addons", "tensorflow_addons")
optimizers = stub("tensorflow_addons.optimizers", "tensorflow_addons", "optimizers")
stub("tensorflow_addons.utils").types = hints = stub("tensorflow_addons.utils.types")
hints.FloatTensorLike = hints.Optimizer = hints.TensorLike = typing.Any

import numpy as np
import tensorflow as tf
from tensorflow_addons.optimizers import constants

optimizers.KerasLegacyOptimizer = constants.KerasLegacyOptimizer
from tensorflow_addons.optimizers.lazy_adam import LazyAdam
from tensorflow_addons.optimizers.lookahead import Lookahead
from tensorflow_addons.optimizers.rectified_adam import RectifiedAdam

LEGACY = tf.keras.optimizers.legacy
SHAPES = [(4, 1), (2,)]


def array(x):
    x = np.asarray(x, np.float32)
    return {"shape": list(x.shape), "dtype": "float32", "data": [float(str(v)) for v in x.ravel()]}


def run(make, seed, sparse, shapes, steps):
    """The variables, the gradients, and the values after each step."""
    random = np.random.default_rng(seed)
    first = [random.normal(size=shape).astype(np.float32) for shape in shapes]
    variables = [tf.Variable(x) for x in first]
    optimizer, gradients, values = make(), [], []
    for step in range(steps):
        dense = [random.normal(size=shape).astype(np.float32) for shape in shapes]
        given = [tf.constant(g) for g in dense]
        if sparse:
            rows = np.array([[0, 2], [1], [0, 1, 2, 3], [3, 0]][step % 4])
            kept = dense[0][rows]
            dense[0] = np.zeros_like(dense[0])
            dense[0][rows] = kept
            given[0] = tf.IndexedSlices(kept, rows, shapes[0])
        if step == 4:
            dense[1][...] = 0
            given[1] = tf.constant(dense[1])
        optimizer.apply_gradients(zip(given, variables))
        gradients.append(dense)
        values.append([v.numpy() for v in variables])
    return first, gradients, values


def case(name, make, config, seed, sparse=False, shapes=SHAPES, steps=7):
    first, gradients, values = run(make, seed, sparse, shapes, steps)
    return {
        "id": f"{name}/{seed}",
        "class": name,
        "config": config,
        "variables": [
            {"name": n, "value": array(x)} for n, x in zip(["table", "bias"], first)
        ],
        "gradients": [[array(g) for g in step] for step in gradients],
        "expected": {
            "values": [[array(v) for v in step] for step in values],
            "iterations": steps,
        },
    }


def rectified(config):
    return RectifiedAdam(**config)


def main():
    cases, seed = [], 0

    def add(*arguments, **options):
        nonlocal seed
        seed += 1
        cases.append(case(*arguments, seed, **options))

    rate = {"learning_rate": 0.05}
    for own in [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}]:
        config = {**rate, **own}
        add("LazyAdam", lambda: LazyAdam(**config), config, sparse=True)
    add("LazyAdam", lambda: LazyAdam(**rate), rate, sparse=True, shapes=[(4, 1, 2), (1,)])
    variants = [
        {},
        {"beta_2": 0.8},
        {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "amsgrad": True},
        {"sma_threshold": 6.5, "beta_2": 0.9},
        {"total_steps": 6, "warmup_proportion": 0.5, "min_lr": 0.01},
        {"total_steps": 20, "warmup_proportion": 0.1, "weight_decay": 0.1, "beta_2": 0.7},
    ]
    for own in variants:
        config = {**rate, **own}
        add("RectifiedAdam", lambda: rectified(config), config)
        pace = {"sync_period": 2, "slow_step_size": 0.3} if own else {}
        add("Ranger", lambda: Lookahead(rectified(config), **pace), {**config, **pace})
    momentum = {"learning_rate": 0.1, "momentum": 0.9}
    inner = {"class": "SGD", "config": momentum}
    for pace in [{}, {"sync_period": 1}, {"sync_period": 4, "slow_step_size": 0.8}]:
        add(
            "Lookahead",
            lambda: Lookahead(LEGACY.SGD(**momentum), **pace),
            {"optimizer": inner, **pace},
        )
    head = {"family": "optimizers", "source": "tensorflow-addons 0.23.0", "count": len(cases)}
    lines = ",\n".join(json.dumps(c) for c in cases)
    print(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}")


main()
