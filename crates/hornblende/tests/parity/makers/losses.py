"""Losses: value and gradient for every option, reduction and shape of weights."""

import numpy as np
import tensorflow as tf
from makers.notation import array, build, find

REAL = [
    "MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredLogarithmicError",
    "Huber", "LogCosh", "CosineSimilarity",
]
HINGE = ["Hinge", "SquaredHinge"]
BINARY = ["BinaryCrossentropy", "BinaryFocalCrossentropy", "Dice", "Tversky"]
CATEGORICAL = ["CategoricalCrossentropy", "CategoricalFocalCrossentropy", "KLDivergence", "CategoricalHinge"]
SPARSE = ["SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy"]
OTHER = ["Poisson", "CTC", "Circle"]

# Reduction, letters of the predictions' shape, letters of the weights' shape.
COMMON = [
    ("sum_over_batch_size", "bc", None), ("sum", "bc", None), ("none", "bc", None), ("mean", "btc", None),
    (None, "bc", None), ("mean_with_sample_weight", "bc", "b"), ("sum_over_batch_size", "bc", "b"),
    ("sum", "btc", "bt"), ("none", "btc", "b1"), ("mean", "bc", "b1"), ("none", "bthc", "bth"),
    ("sum_over_batch_size", "1c", "1"), ("sum", "b1", "b"), ("mean_with_sample_weight", "btc", "bt"),
]

# Class, configuration, letters of the shape, letters of the weights' shape.
OPTIONS = [
    *[("Huber", {"delta": d}, s, None) for d in (0.1, 1.7) for s in ("bc", "btc")],
    *[("CosineSimilarity", {"axis": a, "reduction": "none"}, "btc", None) for a in (0, 1, -1, -2)],
    *[(c, o, s, w)
      for c in ("BinaryCrossentropy", "BinaryFocalCrossentropy")
      for o in ({"from_logits": True}, {"label_smoothing": 0.2}, {"from_logits": True, "label_smoothing": 0.05},
                {"axis": 1}, {"axis": 0}, {"axis": -2, "from_logits": True})
      for s, w in (("bc", None), ("btc", None))],
    *[("BinaryFocalCrossentropy", o, "btc", None)
      for o in ({"gamma": 0.5}, {"gamma": 4.0, "from_logits": True}, {"apply_class_balancing": True},
                {"apply_class_balancing": True, "alpha": 0.9, "gamma": 1.5, "label_smoothing": 0.1})],
    *[(c, o, s, w)
      for c in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy")
      for o in ({"from_logits": True}, {"label_smoothing": 0.2}, {"from_logits": True, "label_smoothing": 0.05})
      for s, w in (("bc", None), ("btc", "bt"), ("b1", None))],
    *[(c, {"axis": a, "from_logits": l, "reduction": "none"}, "btc", None)
      for c in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy") for a in (1, -2) for l in (False, True)],
    *[("CategoricalFocalCrossentropy", o, "btc", "b1")
      for o in ({"alpha": 0.7, "gamma": 0.5}, {"gamma": 3.0, "from_logits": True})],
    *[("SparseCategoricalCrossentropy", {"from_logits": l, **o}, s, w)
      for l in (False, True)
      for o in ({}, {"ignore_class": 0}, {"ignore_class": 1, "reduction": "none"}, {"ignore_class": -1})
      for s, w in (("bc", None), ("btc", "bt"), ("bthc", None))],
    *[("SparseCategoricalCrossentropy", {"from_logits": l, "axis": 1}, "bct", None) for l in (False, True)],
    *[("CategoricalGeneralizedCrossEntropy", {"q": q}, s, w) for q in (0.1, 0.9) for s, w in (("bc", "b"), ("btc", "b1"))],
    *[(c, {"axis": a, **o}, "bhwc", None)
      for c, o in (("Dice", {}), ("Tversky", {"alpha": 0.2, "beta": 0.9})) for a in (None, [1, 2, 3], [1, 2], 0, -1)],
    *[("Circle", o, "bc", None) for o in ({"gamma": 2.0, "margin": 0.1}, {"remove_diagonal": False, "gamma": 4.0})],
]

INF, NAN, HUGE = np.inf, np.nan, 1e4
# Class, configuration, labels, predictions, weights: written out.
EDGES = [
    *[(c, {}, [[0, 1, 1]], [[0, 1, 0]], None) for c in REAL + HINGE + BINARY + ["Poisson", "KLDivergence"]],
    *[(c, {"from_logits": True}, [[0, 1, 0], [1, 0, 1]], [[-HUGE, HUGE, HUGE], [-HUGE, 0, HUGE]], None)
      for c in ("BinaryCrossentropy", "BinaryFocalCrossentropy")],
    *[(c, {"from_logits": True}, [[0, 1, 0], [1, 0, 0]], [[-HUGE, HUGE, HUGE], [-HUGE, 0, HUGE]], None)
      for c in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy")],
    *[(c, {"reduction": "none"}, [[0, 1], [1, 0], [1, 1]], [[NAN, 1], [INF, 0], [1, -INF]], None)
      for c in ("MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh")],
    *[(c, {"reduction": r}, [[0, 1], [1, 0]], [[0.3, 0.6], [0.2, 0.9]], [0, 0])
      for c in REAL + HINGE + BINARY + ["Poisson", "KLDivergence", "CategoricalCrossentropy"]
      for r in ("sum_over_batch_size", "mean_with_sample_weight")],
    *[(c, {"reduction": r}, np.zeros((0, 3)), np.zeros((0, 3)), None)
      for c in ("MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy") for r in ("sum", "none", "mean")],
    *[(c, {}, [[-1, 0, 1]], [[-HUGE, 0, HUGE]], None) for c in REAL + HINGE],
]


def data(maker, loss, config, shape):
    """Labels and predictions that suit the loss."""
    axis = config.get("axis", -1)
    if loss in SPARSE:
        logits = config.get("from_logits")
        y_pred = maker.normal(shape) if logits else maker.softmax(shape, axis)
        return maker.labels([n for k, n in enumerate(shape) if k != axis % len(shape)], shape[axis]), y_pred
    if loss in CATEGORICAL:
        y_pred = maker.normal(shape) if config.get("from_logits") else maker.softmax(shape, axis)
        return maker.one_hot(shape, axis), y_pred
    if loss in BINARY:
        return maker.coins(shape), maker.normal(shape) if config.get("from_logits") else maker.uniform(shape, 0.02, 0.98)
    if loss in HINGE:
        return maker.coins(shape) * 2 - 1, maker.normal(shape)
    if loss == "Poisson":
        return maker.rng.poisson(2.0, shape).astype(np.float32), maker.uniform(shape, 0.1, 3.0)
    if loss == "CTC":
        batch, classes = shape[0], shape[-1] + 2
        return maker.rng.integers(1, classes, (batch, 2)).astype(np.int32), maker.normal((batch, 7, classes))
    if loss == "Circle":
        return maker.labels(shape[:1], 3), maker.normal(shape)
    if loss == "MeanSquaredLogarithmicError":
        return maker.uniform(shape, 0, 3), maker.uniform(shape, 0, 3)
    return maker.normal(shape), maker.normal(shape)


def case(loss, config, y_true, y_pred, weight):
    made = find(f"losses.{loss}")(**build(config))
    prediction = tf.constant(y_pred)
    # Called by hand with an empty batch, Keras leaves out the reduction; in a graph, and so in fit, it does not.
    called = made if len(y_pred) else tf.function(made, input_signature=[tf.TensorSpec([None, *y_pred.shape[1:]])] * 2)
    arguments = {} if weight is None else {"sample_weight": weight}
    with tf.GradientTape() as tape:
        tape.watch(prediction)
        value = called(y_true, prediction, **arguments)
    gradient = tape.gradient(value, prediction)
    return {
        "class": loss, "config": config, "y_true": array(y_true), "y_pred": array(y_pred),
        "sample_weight": array(weight),
        "expected": {"loss": array(value), "grad_y_pred": array(None if gradient is None else gradient.numpy())},
    }


def random_case(maker, loss, config, letters, weight):
    both = maker.sizes(letters + (weight or ""))
    shape, weight_shape = both[:len(letters)], both[len(letters):]
    y_true, y_pred = data(maker, loss, config, shape)
    return case(loss, config, y_true, y_pred, maker.uniform(weight_shape, 0.1, 2.0) if weight else None)


def make(maker):
    for loss in REAL + HINGE + BINARY + CATEGORICAL + SPARSE + OTHER:
        for reduction, letters, weight in COMMON:
            if loss in ("CTC", "Circle") and (len(letters) != 2 or "1" in letters):
                continue
            # Of a single class, Keras compares each label with every row.
            if loss == "CategoricalGeneralizedCrossEntropy" and letters.endswith("1"):
                continue
            config = {} if reduction == "sum_over_batch_size" else {"reduction": reduction}
            id = f"{loss}/{reduction}_{letters}_{weight}"
            maker.add(id, lambda: random_case(maker, loss, config, letters, weight))
    for k, (loss, config, letters, weight) in enumerate(OPTIONS):
        maker.add(f"{loss}/option{k}", lambda: random_case(maker, loss, config, letters, weight))
    for k, (loss, config, y_true, y_pred, weight) in enumerate(EDGES):
        floats = [None if x is None else np.asarray(x, np.float32) for x in (y_true, y_pred, weight)]
        maker.add(f"{loss}/edge{k}", lambda: case(loss, config, *floats))
