"""Training runs without `fit`: batch by batch, and loops with a GradientTape."""

import keras
import numpy as np
import tensorflow as tf
from makers.notation import array, number


class FocalLossSoftmax(keras.losses.Loss):
    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma

    def call(self, y_true, y_pred):
        p = tf.clip_by_value(tf.nn.softmax(y_pred, axis=-1), 1e-7, 1.0)
        return tf.reduce_sum(-y_true * tf.pow(1 - p, self.gamma) * tf.math.log(p), axis=1)


def weights_of(made):
    return [{"path": v.path, "trainable": v.trainable, "value": array(v.numpy())} for v in made.weights]


def begin(maker, made):
    made.set_weights([w if "moving" in v.path else maker.normal(w.shape, 0.5) for v, w in zip(made.weights, made.get_weights())])
    return weights_of(made)


def on_batch(maker, fit, description, compile_json, kinds, weighted):
    made = fit.built(description)
    initial = begin(maker, made)
    made.compile(**fit.compile_arguments(compile_json))
    batches, results = [], []
    for k in range(5):
        rows = 4 + int(maker.rng.integers(4))
        x, y = fit.inputs_of(maker, description, rows), fit.labels_of(maker, kinds, description["outputs"], rows)
        w = maker.uniform([rows], 0.2, 2) if weighted and k % 2 else None
        batches.append({"x": fit.written(x), "y": fit.written(y), "sample_weight": array(w)})
        if k == 3:
            made.reset_metrics()
        last = fit.several(x, "list"), fit.several(y, "list"), w
        results.append(made.train_on_batch(*last, return_dict=True))
    made.reset_metrics()
    told = lambda logs: {key: number(value) for key, value in logs.items()}
    expected = {"train_on_batch": [told(logs) for logs in results], "test_on_batch_last": told(made.test_on_batch(*last, return_dict=True))}
    expected |= {"predict_on_batch_last": array(made.predict_on_batch(last[0])), "final_weights": weights_of(made)}
    return {"kind": "on_batch", "model": description, "compile": compile_json, "initial_weights": initial, "batches": batches,
            "reset_metrics_before_batch": 3, "expected": expected}


def loop(maker, fit, description, optimizer, loss, epochs=3, batch_size=8):
    made = fit.built(description)
    initial = begin(maker, made)
    rows = 18 + int(maker.rng.integers(8))
    x, y = fit.inputs_of(maker, description, rows)["x"], maker.one_hot([rows, 3])
    stepper = fit.build({**optimizer, "class": f"optimizers.{optimizer['class']}"})
    stepper.build(made.trainable_variables)
    given = loss["class"].split(":")[-1]
    measure = FocalLossSoftmax(**loss["config"]) if given == "FocalLossSoftmax" else fit.build(loss)
    mean, accuracy, told = keras.metrics.Mean(), keras.metrics.CategoricalAccuracy(), []
    for _ in range(epochs):
        mean.reset_state(), accuracy.reset_state()
        for first in range(0, rows, batch_size):
            xs, ys = x[first:first + batch_size], y[first:first + batch_size]
            with tf.GradientTape() as tape:
                predicted = made(xs, training=True)
                value = measure(ys, predicted)
            found = tape.gradient(value, [v.value for v in made.trainable_variables])
            stepper.apply_gradients(zip(found, made.trainable_variables))
            mean.update_state(value), accuracy.update_state(ys, predicted)
        told.append({"loss": number(mean.result()), "accuracy": number(accuracy.result())})
    expected = {"epochs": told, "final_weights": weights_of(made), "optimizer_iterations": int(np.asarray(stepper.iterations))}
    return {"kind": "custom_loop", "model": description, "optimizer": optimizer, "loss": loss, "batch_size": batch_size,
            "data": {"x": array(x), "y": array(y)}, "initial_weights": initial, "expected": expected}


def add(maker, fit):
    focal = lambda gamma: {"class": "custom:FocalLossSoftmax", "config": {"gamma": gamma}}
    crossentropy = {"class": "CategoricalCrossentropy", "config": {"from_logits": True, "label_smoothing": 0.1}}
    adam, sgd = fit.optimizer("Adam", learning_rate=0.03), fit.optimizer("SGD", learning_rate=0.1, momentum=0.8, nesterov=True)
    rate = fit.schedule("CosineDecay", initial_learning_rate=0.1, decay_steps=5)
    for name, description, arguments, kinds, weighted in (
        ("classes", fit.CLASSES, {"optimizer": adam, "loss": fit.SPARSE, "metrics": ["acc"], "weighted_metrics": ["acc"]}, ["sparse3"], True),
        ("binary", fit.BINARY, {"optimizer": sgd, "loss": "binary_crossentropy", "metrics": ["accuracy", {"class": "AUC", "config": {"num_thresholds": 7}}]}, ["coin"], True),
        ("normal", fit.CONV, {"optimizer": adam, "loss": "categorical_crossentropy", "metrics": ["acc"]}, ["one_hot3"], False),
        ("words", fit.RNN, {"optimizer": fit.optimizer("RMSprop", learning_rate=rate), "loss": "binary_crossentropy"}, ["coin"], True),
        ("regularized", fit.REGULARIZED, {"optimizer": fit.optimizer("SGD", learning_rate=0.1, use_ema=True, gradient_accumulation_steps=2), "loss": fit.SPARSE}, ["sparse3"], False),
    ):
        maker.add(f"on_batch_{name}", lambda: on_batch(maker, fit, description, arguments, kinds, weighted))
    for name, description, optimizer, loss in (
        ("focal", fit.LOGITS, adam, focal(1.0)), ("focal_3", fit.LOGITS, sgd, focal(3.0)), ("smooth", fit.LOGITS, fit.optimizer("Nadam", learning_rate=0.02, clipnorm=0.3), crossentropy),
        ("rate", fit.CLASSES, fit.optimizer("RMSprop", learning_rate=rate, momentum=0.2), {"class": "CategoricalCrossentropy", "config": {}}),
        ("decayed", fit.LOGITS, fit.optimizer("AdamW", learning_rate=0.05, weight_decay=0.1, use_ema=True, ema_overwrite_frequency=3), crossentropy),
        ("normal", fit.CONV, adam, {"class": "KLDivergence", "config": {}}), ("frozen", fit.FROZEN, sgd, {"class": "CategoricalHinge", "config": {"reduction": "sum"}}),
        ("constrained", fit.REGULARIZED, fit.optimizer("Lion", learning_rate=0.02, gradient_accumulation_steps=2), {"class": "MeanSquaredError", "config": {}}),
    ):
        maker.add(f"loop_{name}", lambda: loop(maker, fit, description, optimizer, loss))
