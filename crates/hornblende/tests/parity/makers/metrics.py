"""Metrics: results after each update, state, name, and what a reset leaves."""

import numpy as np
from makers.notation import array, find

THRESHOLDS = [{}, {"thresholds": 0.3}, {"thresholds": [0.2, 0.5, 0.8]}]
TOP = [{"top_k": 2}, {"top_k": 2, "class_id": 1}, {"class_id": 0}, {"class_id": 1, "thresholds": [0.3, 0.6]}]
CURVE = [{}, {"num_thresholds": 7}, {"num_thresholds": 9, "class_id": 1}]
IOU = [{}, {"ignore_class": 0}, {"ignore_class": 2}]
DENSE_TRUE, DENSE_PRED = {"sparse_y_true": False}, {"sparse_y_pred": False}
AVERAGES = [{"average": a, "threshold": t} for a in (None, "micro", "macro", "weighted") for t in (None, 0.4)]

# Class, configurations, kind of data, letters of predictions, letters of weights.
TABLE = [
    ("Accuracy", [{}], "classes", ["b", "bt"], [None, "b"]),
    ("BinaryAccuracy", [{}, {"threshold": 0.7}], "binary", ["bc", "b1", "btc"], [None, "b"]),
    ("CategoricalAccuracy", [{}], "one_hot", ["bc", "btc"], [None, "b"]),
    ("SparseCategoricalAccuracy", [{}], "sparse", ["bc", "btc"], [None, "b"]),
    ("SparseCategoricalAccuracy", [{}], "sparse_column", ["bc"], [None]),
    ("TopKCategoricalAccuracy", [{}, {"k": 1}, {"k": 2}], "one_hot", ["b6"], [None, "b"]),
    ("SparseTopKCategoricalAccuracy", [{}, {"k": 1}, {"k": 2}, {"k": 3}], "sparse", ["b6", "bt6"], [None, "b"]),
    ("SparseTopKCategoricalAccuracy", [{"k": 2, "from_sorted_ids": True}], "sorted", ["b6"], [None]),
    *[(m, THRESHOLDS, "binary", ["b1", "bc"], [None, "b"])
      for m in ("TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives")],
    *[(m, THRESHOLDS + TOP, "binary", ["b3"], [None, "b"]) for m in ("Precision", "Recall")],
    ("AUC", [{"num_thresholds": n, "curve": c, "summation_method": s}
             for n, c, s in ((200, "ROC", "interpolation"), (9, "PR", "interpolation"), (8, "ROC", "minoring"),
                             (7, "PR", "majoring"), (11, "PR", "minoring"), (5, "ROC", "majoring"))]
     + [{"thresholds": [0.1, 0.4, 0.7]}, {"num_thresholds": 9, "curve": "PRGAIN"}], "binary", ["b1", "b3"], [None, "b"]),
    ("AUC", [{"num_thresholds": 9, "multi_label": True, "num_labels": 3},
             {"num_thresholds": 9, "multi_label": True, "label_weights": [0.2, 0.5, 0.3], "curve": "PR"},
             {"num_thresholds": 8, "multi_label": True, "num_labels": 3, "from_logits": True}], "binary", ["b3"], [None, "b"]),
    ("AUC", [{"num_thresholds": 9, "from_logits": True}], "logits", ["b1"], [None]),
    ("PrecisionAtRecall", [{"recall": r, **o} for r in (0.3, 0.8) for o in CURVE], "binary", ["b3"], [None, "b"]),
    ("RecallAtPrecision", [{"precision": r, **o} for r in (0.3, 0.8) for o in CURVE], "binary", ["b3"], [None, "b"]),
    ("SensitivityAtSpecificity", [{"specificity": r, **o} for r in (0.3, 0.8) for o in CURVE], "binary", ["b3"], [None, "b"]),
    ("SpecificityAtSensitivity", [{"sensitivity": r, **o} for r in (0.3, 0.8) for o in CURVE], "binary", ["b3"], [None, "b"]),
    ("MeanIoU", [{"num_classes": 4, **o} for o in IOU], "classes", ["b", "bt"], [None, "b"]),
    ("MeanIoU", [{"num_classes": 4, **DENSE_PRED}], "sparse", ["b4"], [None]),
    ("MeanIoU", [{"num_classes": 4, **DENSE_TRUE, **DENSE_PRED}, {"num_classes": 4, "axis": -1, **DENSE_TRUE, **DENSE_PRED}], "one_hot", ["b4"], [None]),
    ("IoU", [{"num_classes": 4, "target_class_ids": t, **o} for t in ([0], [1, 3]) for o in IOU], "classes", ["b"], [None, "b"]),
    ("BinaryIoU", [{}, {"threshold": 0.3}, {"target_class_ids": [1]}, {"threshold": None}], "binary", ["bc"], [None, "bc"]),
    ("OneHotIoU", [{"num_classes": 4, "target_class_ids": t, **o} for t in ([0], [1, 3]) for o in IOU], "one_hot", ["b4"], [None]),
    ("OneHotMeanIoU", [{"num_classes": 4, **o} for o in IOU], "one_hot", ["b4"], [None]),
    ("F1Score", AVERAGES, "one_hot", ["b3"], [None, "b"]),
    ("FBetaScore", [{"beta": b, **o} for b in (0.5, 2.0) for o in AVERAGES], "one_hot", ["b3"], [None, "b"]),
    ("R2Score", [{}, {"class_aggregation": None}, {"class_aggregation": "variance_weighted_average"}, {"num_regressors": 1}],
     "real", ["b3"], [None, "b"]),
    *[(m, [{}, {"axis": 0}, {"axis": 1}], "real", ["b4"], [None]) for m in ("PearsonCorrelation", "ConcordanceCorrelation")],
    *[(m, [{"axis": [1, 2]}, {"axis": [0, 2]}, {"axis": None}], "real", ["b34"], [None])
      for m in ("PearsonCorrelation", "ConcordanceCorrelation", "CosineSimilarity")],
    *[(m, [{}], "real", ["bc", "btc"], [None, "b"]) for m in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "LogCoshError")],
    ("RootMeanSquaredError", [{}], "real", ["bc", "btc"], [None, "b"]),
    ("MeanSquaredLogarithmicError", [{}], "positive", ["bc"], [None, "b"]),
    ("CosineSimilarity", [{}, {"axis": 1}, {"axis": 0}], "real", ["bc"], [None]),
    ("KLDivergence", [{}], "softmax", ["bc"], [None, "b"]), ("Poisson", [{}], "positive", ["bc"], [None, "b"]),
    ("Hinge", [{}], "signs", ["bc"], [None, "b"]), ("SquaredHinge", [{}], "signs", ["bc"], [None, "b"]),
    ("CategoricalHinge", [{}], "one_hot", ["bc"], [None, "b"]),
    ("BinaryCrossentropy", [{}, {"label_smoothing": 0.2}], "binary", ["bc"], [None, "b"]),
    ("BinaryCrossentropy", [{"from_logits": True}], "logits", ["bc"], [None, "b"]),
    ("CategoricalCrossentropy", [{}, {"label_smoothing": 0.2}, {"from_logits": True}], "one_hot", ["bc"], [None, "b"]),
    ("SparseCategoricalCrossentropy", [{}, {"from_logits": True}, {"ignore_class": 1}], "sparse", ["bc"], [None, "b"]),
    ("MeanMetricWrapper", [{"fn": "mean_absolute_error"}, {"fn": "huber", "delta": 0.3}, {"fn": "log_cosh"},
                           {"fn": "cosine_similarity", "axis": -1}, {"fn": "binary_accuracy", "threshold": 0.2, "name": "own"}],
     "real", ["bc"], [None, "b"]),
    ("MeanMetricWrapper", [{"fn": "categorical_crossentropy", "label_smoothing": 0.1}], "one_hot", ["bc"], [None]),
    ("Mean", [{}, {"name": "own"}], "values", ["b", "bt", ""], [None, "b"]), ("Sum", [{}], "values", ["b", "bt", ""], [None, "b"]),
]
# Class, configuration, labels and predictions of one update, weights.
ONE_CLASS = [(m, c, [0, 0, 0], [0.2, 0.6, 1.0], w) for m, c in (("AUC", {"num_thresholds": 5}), ("Precision", {}), ("Recall", {}), ("F1Score", {"threshold": 0.5}),
             ("PrecisionAtRecall", {"recall": 0.5, "num_thresholds": 5})) for w in (None, [0, 0, 0])]
EDGES = ONE_CLASS + [(m, c, [1, 1, 1], [0.0, 0.6, 1.0], w) for m, c, _, _, w in ONE_CLASS] + [
    (m, {}, [1.0, 2.0], [1.0, np.nan], None) for m in ("MeanSquaredError", "RootMeanSquaredError", "R2Score")
] + [(m, {}, [1.0, 2.0], [1.0, 1.5], [0.0, 0.0]) for m in ("MeanSquaredError", "BinaryAccuracy", "R2Score")]


def data(maker, kind, shape):
    if kind == "classes":
        return maker.labels(shape, 4), maker.labels(shape, 4)
    if kind == "one_hot":
        return maker.one_hot(shape), maker.softmax(shape)
    if kind == "sparse":
        return maker.labels(shape[:-1], shape[-1]), maker.softmax(shape)
    if kind == "sparse_column":
        return maker.labels([*shape[:-1], 1], shape[-1]), maker.softmax(shape)
    if kind == "sorted":
        return maker.labels(shape[:-1], shape[-1]), np.argsort(maker.normal(shape), -1).astype(np.float32)
    if kind == "binary":
        return maker.coins(shape), maker.uniform(shape)
    if kind == "logits":
        return maker.coins(shape), maker.normal(shape, 2)
    if kind == "positive":
        return maker.uniform(shape, 0.1, 3), maker.uniform(shape, 0.1, 3)
    if kind == "softmax":
        return maker.softmax(shape), maker.softmax(shape)
    if kind == "signs":
        return maker.coins(shape) * 2 - 1, maker.normal(shape)
    return maker.normal(shape), maker.normal(shape)


def update(metric, y_true, y_pred, weight):
    metric.update_state(y_true, y_pred, sample_weight=weight)
    return {"y_true": array(y_true), "y_pred": array(y_pred), "sample_weight": array(weight)}


def update_values(metric, values, weight):
    metric.update_state(values, sample_weight=weight)
    return {"values": array(values), "sample_weight": array(weight)}


def state(variable):
    value = np.asarray(variable)
    return {"name": variable.name, "shape": list(value.shape), "value": array(value) if value.size <= 64 else None}


def case(name, config, updates):
    import keras

    arguments = dict(config)
    if "fn" in config:
        # A wrapper is named after its function, unless the case names it.
        arguments.setdefault("name", config["fn"])
        arguments["fn"] = getattr(keras.metrics, config["fn"], None) or getattr(keras.losses, config["fn"])
    metric = find(f"metrics.{name}")(**arguments)
    given, results = [], []
    for make_update in updates:
        given.append(make_update(metric))
        results.append(array(metric.result()))
    expected = {"results": results, "name": metric.name, "state": [state(v) for v in metric.variables]}
    metric.reset_state()
    expected["after_reset"] = array(metric.result())
    return {"class": name, "config": config, "updates": given, "expected": expected}


def random_case(maker, name, config, kind, letters, weight):
    def one(metric):
        both = maker.sizes(letters + (weight or ""))
        # Batches differ in size; the other axes stay.
        both = [3 + int(maker.rng.integers(5)) if letter == "b" else 3 for letter in letters + (weight or "")] if not any(
            letter.isdigit() for letter in letters) else both
        size = both[0] if letters else None
        both = [size if letter == "b" else n for letter, n in zip(letters + (weight or ""), both)]
        shape, weight_shape = both[:len(letters)], both[len(letters):]
        w = maker.uniform(weight_shape, 0.1, 2) if weight and letters else None
        if kind == "values":
            return update_values(metric, maker.normal(shape), w)
        return update(metric, *data(maker, kind, shape), w)

    return case(name, config, [one, one, one])


def make(maker):
    for row, (name, configs, kind, shapes, weights) in enumerate(TABLE):
        for k, config in enumerate(configs):
            for letters in shapes:
                for weight in weights:
                    if weight == "b" and letters.startswith("bt") and name in ("Accuracy", "MeanIoU", "Mean", "Sum"):
                        weight = "bt"
                    if weight == "b" and letters in ("bc", "b3") and name in (
                            "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives", "Precision", "Recall"):
                        weight = "b1"
                    id = f"{name}/{row}_{k}_{letters}_{weight}"
                    maker.add(id, lambda: random_case(maker, name, config, kind, letters, weight))
    for k, (name, config, y_true, y_pred, weight) in enumerate(EDGES):
        f = lambda x: None if x is None else np.asarray(x, np.float32)[:, None]
        w = None if weight is None else np.asarray(weight, np.float32)
        maker.add(f"{name}/edge{k}", lambda: case(name, config, [lambda m: update(m, f(y_true), f(y_pred), w)]))
