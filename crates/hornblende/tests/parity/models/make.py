#!/usr/bin/env python3
"""Models of the real Keras as text, with weights and predictions.

    python models/make.py write models/keras_models.json    writes what the test `models` reads
    python models/make.py check models/keras_models.json FOLDER
        loads what that test wrote into FOLDER into the real Keras, and compares the predictions
"""

import json
import os
import pathlib
import sys

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import keras
import numpy as np
from keras import Input, Model, Sequential, layers
from makers.notation import array


def shared_and_nested():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = layers.Dense(3, activation="relu", kernel_regularizer="l2", name="shared")
    inner = Sequential([Input((3,)), layers.Dense(2, name="inner_dense"), layers.Dropout(0.5)], name="inner")
    joined = layers.Concatenate(name="join")([inner(shared(a)), shared(b)])
    return Model([a, b], [layers.Dense(1, name="score")(joined), layers.Dense(2, name="label")(joined)], name="both")


def one_input():
    x = Input((6, 6, 1), name="image")
    y = layers.Conv2D(2, 3, padding="same", activation="relu", name="conv")(x)
    y = layers.Flatten(name="flat")(layers.MaxPooling2D(name="pool")(y))
    return Model(x, layers.Dense(2, activation="softmax", name="out")(y), name="picture")


def nested_functional():
    x = Input((3,), name="x")
    core = Model(x, layers.Dense(2, name="core_dense")(x), name="core")
    core.trainable = False
    y = Input((3,), name="y")
    return Model(y, layers.Add(name="sum")([core(y), core(layers.ReLU(name="relu")(y))]), name="twice")


def with_states():
    x, h = Input((4, 2), name="x"), Input((3,), name="h")
    first, state = layers.GRU(3, return_sequences=True, return_state=True, name="first")(x, initial_state=[h])
    return Model([x, h], layers.SimpleRNN(2, name="second")(first), name="states")


def sequential():
    return Sequential([Input((3,)), layers.Dense(4, activation="tanh", name="one"), layers.Dense(1, name="two")], name="line")


MODELS = [shared_and_nested, one_input, nested_functional, with_states, sequential]


def inputs_of(model, rng):
    return [rng.normal(size=(2, *t.shape[1:])).astype(np.float32) for t in model.inputs]


def predictions(model, inputs):
    outputs = model(inputs if len(inputs) > 1 else inputs[0])
    return [np.asarray(o) for o in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def describe(make, rng):
    keras.backend.clear_session()
    model = make()
    model.set_weights([rng.normal(size=w.shape).astype(np.float32) for w in model.weights])
    inputs = inputs_of(model, rng)
    return {
        "name": model.name, "model": json.loads(model.to_json()),
        "weights": [{"path": w.path, "value": array(w)} for w in model.weights],
        "trainable": [w.path for w in model.trainable_weights],
        "inputs": [array(x) for x in inputs], "outputs": [array(y) for y in predictions(model, inputs)],
    }


def read(json_array):
    return np.array(json_array["data"], json_array["dtype"]).reshape(json_array["shape"])


def main():
    mode, path, *folder = sys.argv[1:]
    if mode == "write":
        rng = np.random.default_rng(7)
        lines = ",\n".join(json.dumps(describe(make, rng)) for make in MODELS)
        pathlib.Path(path).write_text("[\n" + lines + "\n]\n")
        return
    for case in json.loads(pathlib.Path(path).read_text()):
        model = keras.models.model_from_json((pathlib.Path(folder[0]) / f"{case['name']}.json").read_text())
        model.set_weights([read(w["value"]) for w in case["weights"]])
        for got, wanted in zip(predictions(model, [read(x) for x in case["inputs"]]), case["outputs"], strict=True):
            np.testing.assert_allclose(got, read(wanted), rtol=1e-4, atol=1e-6)
        assert [w.path for w in model.trainable_weights] == case["trainable"], case["name"]
        print(case["name"], "loads and predicts the same")


if __name__ == "__main__":
    main()
