"""Regularizers: value and gradient. Constraints: the weights that they leave."""

import tensorflow as tf
from makers.notation import array, build, find

# Class, configurations, letters of shapes.
REGULARIZERS = [
    ("L1", [{}, {"l1": 0.2}, {"l1": 0.0}], ["bc", "b", "bcde"]),
    ("L2", [{}, {"l2": 0.3}, {"l2": 0.0}], ["bc", "b", "bcde"]),
    ("L1L2", [{}, {"l1": 0.2, "l2": 0.02}, {"l1": 0.1}, {"l2": 0.3}], ["bc", "bcd", "1"]),
    ("OrthogonalRegularizer", [{}, {"factor": 0.5}, {"factor": 0.2, "mode": "columns"}], ["bc", "26", "62"]),
]
CONSTRAINTS = [
    ("MaxNorm", [{}, {"max_value": 0.6}, {"max_value": 0.9, "axis": 1}, {"max_value": 0.7, "axis": [0, 1]}], ["bcd", "bc"]),
    ("NonNeg", [{}], ["bcd", "b"]),
    ("UnitNorm", [{}, {"axis": 1}, {"axis": [0, 1]}, {"axis": -1}], ["bcd", "bc"]),
    ("MinMaxNorm",
     [{}, {"min_value": 0.4, "max_value": 0.9, "rate": 0.3}, {"min_value": 2.0, "max_value": 2.5, "axis": 1},
      {"min_value": 1.5, "max_value": 3.0, "rate": 0.5, "axis": [0, 1]}], ["bcd", "bc"]),
]


def case(maker, kind, name, config, letters):
    w = maker.normal(maker.sizes(letters))
    made = find(f"{kind}s.{name}")(**build(config))
    w_read = tf.constant(w)
    with tf.GradientTape() as tape:
        tape.watch(w_read)
        value = tf.convert_to_tensor(made(w_read))
    expected = {"value": array(value)}
    if kind == "regularizer":
        gradient = tape.gradient(value, w_read)
        expected["grad"] = array(None if gradient is None else gradient.numpy())
    return {"kind": kind, "class": name, "config": config, "w": array(w), "expected": expected}


def make(maker):
    for kind, table in (("regularizer", REGULARIZERS), ("constraint", CONSTRAINTS)):
        for name, configs, shapes in table:
            for k, config in enumerate(configs):
                for letters in shapes:
                    id = f"{kind}/{name}/{k}/{letters}"
                    maker.add(id, lambda: case(maker, kind, name, config, letters))
