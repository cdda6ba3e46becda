"""Opens what `files_for_keras` wrote in the real Keras: python check_with_keras.py FOLDER KERAS_FILES; `.ci/run` does so."""

import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np


def array(recorded):
    return np.array(recorded["data"], recorded["dtype"]).reshape(recorded["shape"])


def check(folder, originals, name):
    with open(f"{originals}/{name}.io.json") as file:
        recorded = json.load(file)
    ours = keras.models.load_model(f"{folder}/{name}.keras")
    original = keras.models.load_model(f"{originals}/{name}.keras")
    inputs = [array(x) for x in recorded["inputs"]]
    inputs = inputs if len(inputs) > 1 else inputs[0]
    equal(outputs(ours, inputs), outputs(original, inputs))
    equal(ours.get_weights(), original.get_weights())
    alone = keras.models.load_model(f"{originals}/{name}.keras")
    alone.set_weights([0 * weight for weight in alone.get_weights()])
    alone.load_weights(f"{folder}/{name}.weights.h5")
    equal(alone.get_weights(), original.get_weights())
    if "optimizer_variables" in recorded:
        equal(ours.optimizer.variables, original.optimizer.variables)
        data = recorded["train_data"]
        curves = [
            model.fit(
                array(data["x"]), array(data["y"]), data["batch_size"], 2, verbose=0, shuffle=False
            ).history
            for model in (ours, original)
        ]
        assert curves[0] == curves[1], curves
        equal(ours.get_weights(), original.get_weights())


def outputs(model, inputs):
    results = model(inputs, training=False)
    return results if isinstance(results, (list, tuple)) else [results]


def equal(got, wanted):
    for one, other in zip(got, wanted, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def main():
    folder, originals = sys.argv[1:]
    for file in sorted(os.listdir(originals)):
        if file.endswith(".keras"):
            check(folder, originals, file.removesuffix(".keras"))
            print(file, "opens in Keras", keras.__version__, "with the same outputs")
    own = keras.models.load_model(f"{folder}/own.keras")
    own.evaluate(np.zeros((2, 3)), np.zeros(2), verbose=0)
    print("own.keras:", type(own.optimizer).__name__, own.optimizer.iterations.numpy(), own.metrics_names)


main()
