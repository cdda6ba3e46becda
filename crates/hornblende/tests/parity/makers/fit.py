"""Training runs: history, weights, evaluation and predictions of small models."""

import sys

import keras
import numpy as np
import tensorflow as tf
from makers import fit_by_hand
from makers.fit_more import rows as more_rows
from makers.fit_options import rows as further_rows
from makers.notation import array, build, find, number

L2 = {"class": "regularizers.L2", "config": {"l2": 0.02}}
SPARSE = "sparse_categorical_crossentropy"


def layer(name, class_name, inbound, **config):
    return {"name": name, "class": class_name, "config": config, "inbound": inbound if isinstance(inbound, list) else [inbound]}


def model(inputs, layers, outputs):
    inputs = [{"name": name, "shape": shape, "dtype": dtype} for name, shape, dtype in inputs]
    return {"inputs": inputs, "layers": layers, "outputs": outputs}


X = [("x", [6], "float32")]
IMAGE = [("x", [6, 6, 1], "float32")]
WORDS = [("x", [5], "int32")]
CLASSES = model(X, [layer("hidden", "Dense", "x", units=5, activation="relu"), layer("out", "Dense", "hidden", units=3, activation="softmax")], ["out"])
LOGITS = model(X, [layer("hidden", "Dense", "x", units=5, activation="tanh"), layer("out", "Dense", "hidden", units=3)], ["out"])
BINARY = model(X, [layer("out", "Dense", "x", units=1, activation="sigmoid")], ["out"])
NUMBER = model(X, [layer("hidden", "Dense", "x", units=4, activation="tanh"), layer("out", "Dense", "hidden", units=1)], ["out"])
CONV = model(IMAGE, [layer("conv", "Conv2D", "x", filters=2, kernel_size=3, activation="relu"), layer("norm", "BatchNormalization", "conv"),
                     layer("pool", "MaxPooling2D", "norm"), layer("flat", "Flatten", "pool"), layer("out", "Dense", "flat", units=3, activation="softmax")], ["out"])
TWO_OUT = model(X, [layer("trunk", "Dense", "x", units=5, activation="relu"), layer("score", "Dense", "trunk", units=1),
                    layer("label", "Dense", "trunk", units=3, activation="softmax")], ["score", "label"])
TWO_IN = model([("a", [4], "float32"), ("b", [4], "float32")],
               [layer("enc", "Dense", "a", units=3, activation="tanh"), layer("enc#2", "Dense", "b", units=3, activation="tanh"),
                layer("cat", "Concatenate", ["enc", "enc#2"]), layer("out", "Dense", "cat", units=1)], ["out"])
FROZEN = model(X, [layer("hidden", "Dense", "x", units=5, activation="relu", trainable=False), layer("out", "Dense", "hidden", units=3, activation="softmax")], ["out"])
REGULARIZED = model(X, [layer("hidden", "Dense", "x", units=5, activation="relu", kernel_regularizer=L2, activity_regularizer=L2),
                        layer("out", "Dense", "hidden", units=3, activation="softmax", bias_regularizer=L2, kernel_constraint={"class": "constraints.MaxNorm", "config": {"max_value": 0.7}})], ["out"])
RNN = model(WORDS, [layer("words", "Embedding", "x", input_dim=8, output_dim=3, mask_zero=True), layer("rnn", "LSTM", "words", units=3),
                    layer("out", "Dense", "rnn", units=1, activation="sigmoid")], ["out"])
TAGS = model(WORDS, [layer("words", "Embedding", "x", input_dim=8, output_dim=3, mask_zero=True), layer("rnn", "GRU", "words", units=3, return_sequences=True),
                     layer("out", "Dense", "rnn", units=3, activation="softmax")], ["out"])


def optimizer(name, **config):
    return {"class": name, "config": config}


def schedule(name, **config):
    return {"class": name, "config": config}


SGD = optimizer("SGD", learning_rate=0.1)
# Name, model, arguments of compile, arguments of fit, kinds of labels by output, and further options.
TABLE = [
    ("strings", CLASSES, {"optimizer": "rmsprop", "loss": SPARSE, "metrics": ["acc", "sparse_categorical_crossentropy"]}, {}, ["sparse3"], {"validation"}),
    ("one_hot", CLASSES, {"optimizer": "adam", "loss": {"class": "CategoricalCrossentropy", "config": {"label_smoothing": 0.1}}, "metrics": ["accuracy", {"class": "AUC", "config": {"name": "auc"}}]}, {}, ["one_hot3"], {"validation"}),
    ("logits", LOGITS, {"optimizer": SGD, "loss": {"class": "SparseCategoricalCrossentropy", "config": {"from_logits": True}}, "metrics": ["accuracy"]}, {"validation_split": 0.25}, ["sparse3"], set()),
    ("binary", BINARY, {"optimizer": optimizer("Adam", learning_rate=0.05), "loss": "binary_crossentropy", "metrics": ["accuracy", {"class": "Precision", "config": {}}, {"class": "Recall", "config": {}}]}, {}, ["coin"], {"validation"}),
    *[(f"regression_{loss}", NUMBER, {"optimizer": SGD, "loss": loss, "metrics": ["mae", {"class": "RootMeanSquaredError", "config": {}}]}, {}, ["real"], set()) for loss in ("mse", "mae", "huber", "log_cosh")],
    *[(f"optimizer_{name}", NUMBER, {"optimizer": optimizer(name, learning_rate=0.02), "loss": "mse"}, {"epochs": 2}, ["real"], set())
      for name in ("RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl", "Lion", "Lamb", "Adafactor", "AdamW")],
    ("momentum", CLASSES, {"optimizer": optimizer("SGD", learning_rate=0.05, momentum=0.9, nesterov=True), "loss": SPARSE}, {"epochs": 4, "initial_epoch": 2}, ["sparse3"], set()),
    ("schedule", CLASSES, {"optimizer": optimizer("Adam", learning_rate=schedule("CosineDecay", initial_learning_rate=0.1, decay_steps=6)), "loss": SPARSE}, {}, ["sparse3"], set()),
    ("ema", CLASSES, {"optimizer": optimizer("SGD", learning_rate=0.1, use_ema=True, ema_momentum=0.7, ema_overwrite_frequency=2), "loss": SPARSE}, {}, ["sparse3"], {"validation"}),
    ("accumulation", CLASSES, {"optimizer": optimizer("SGD", learning_rate=0.1, gradient_accumulation_steps=2, global_clipnorm=0.3), "loss": SPARSE}, {}, ["sparse3"], set()),
    ("conv", CONV, {"optimizer": optimizer("SGD", learning_rate=0.05, momentum=0.5), "loss": "categorical_crossentropy", "metrics": ["accuracy"]}, {}, ["one_hot3"], {"validation"}),
    ("frozen", FROZEN, {"optimizer": SGD, "loss": SPARSE}, {}, ["sparse3"], set()),
    ("regularized", REGULARIZED, {"optimizer": SGD, "loss": SPARSE, "metrics": ["acc"]}, {}, ["sparse3"], {"validation"}),
    ("class_weight", CLASSES, {"optimizer": SGD, "loss": SPARSE, "metrics": ["acc"], "weighted_metrics": ["acc"]}, {"class_weight": {"0": 0.3, "1": 1.0, "2": 2.0}}, ["sparse3"], set()),
    ("sample_weight", BINARY, {"optimizer": SGD, "loss": "binary_crossentropy", "metrics": ["accuracy"], "weighted_metrics": ["mse"]}, {}, ["coin"], {"weights", "validation"}),
    ("outputs_list", TWO_OUT, {"optimizer": SGD, "loss": ["mse", SPARSE], "loss_weights": [0.5, 2.0], "metrics": [["mae"], ["acc"]]}, {}, ["real", "sparse3"], {"list"}),
    ("outputs_dict", TWO_OUT, {"optimizer": "adam", "loss": {"score": "mae", "label": SPARSE}, "loss_weights": {"score": 0.1, "label": 1.0}, "metrics": {"label": ["acc"]}}, {}, ["real", "sparse3"], {"dict", "validation"}),
    ("outputs_weighted", TWO_OUT, {"optimizer": SGD, "loss": {"score": "mse", "label": SPARSE}, "weighted_metrics": {"label": ["acc"]}}, {}, ["real", "sparse3"], {"list", "weights"}),
    ("inputs", TWO_IN, {"optimizer": SGD, "loss": "mse"}, {}, ["real"], {"list", "validation"}),
    ("recurrent", RNN, {"optimizer": optimizer("Adam", learning_rate=0.05), "loss": "binary_crossentropy", "metrics": ["acc"]}, {}, ["coin"], set()),
    ("tags", TAGS, {"optimizer": SGD, "loss": SPARSE, "metrics": ["acc"], "weighted_metrics": ["acc"]}, {}, ["tags3"], set()),
]


def built(description):
    tensors, made = {}, {}
    for i in description["inputs"]:
        tensors[i["name"]] = keras.Input(i["shape"], dtype=i["dtype"], name=i["name"])
    inputs = list(tensors.values())
    for d in description["layers"]:
        name = d["name"].split("#")[0]
        made.setdefault(name, None)
        made[name] = made[name] or find(f"layers.{d['class']}")(name=name, **build(d["config"]))
        inbound = [tensors[n] for n in d["inbound"]]
        tensors[d["name"]] = made[name](inbound if len(inbound) > 1 else inbound[0])
    outputs = [tensors[n] for n in description["outputs"]]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0])


def inputs_of(maker, description, rows):
    made = {}
    for i in description["inputs"]:
        shape = [rows, *i["shape"]]
        made[i["name"]] = maker.labels(shape, 8) if i["dtype"] == "int32" else maker.normal(shape)
        if i["dtype"] == "int32":
            made[i["name"]][:, 0] = 1
    return made


def labels_of(maker, kinds, names, rows):
    makers = {
        "sparse3": lambda: maker.labels([rows], 3), "one_hot3": lambda: maker.one_hot([rows, 3]), "coin": lambda: maker.coins([rows, 1]),
        "real": lambda: maker.normal([rows, 1]), "real2": lambda: maker.normal([rows, 2]), "tags3": lambda: maker.labels([rows, 5], 3),
    }
    return {name: makers[kind]() for name, kind in zip(names, kinds)}


def several(named, style):
    if len(named) == 1:
        return next(iter(named.values()))
    return named if style == "dict" else list(named.values())


def written(named):
    return array(next(iter(named.values()))) if len(named) == 1 else {k: array(v) for k, v in named.items()}


def compile_arguments(json):
    def made(value):
        if isinstance(value, dict) and "class" in value:
            return build(value)
        if isinstance(value, dict):
            return {k: made(v) for k, v in value.items()}
        return [made(v) for v in value] if isinstance(value, list) else value

    # A name may be a loss and a metric, so a class is looked for in its own module.
    modules = {"optimizer": "optimizers", "loss": "losses", "metrics": "metrics", "weighted_metrics": "metrics"}

    def placed(value, module):
        if isinstance(value, dict) and "class" in value:
            return {**value, "class": f"{module}.{value['class']}"}
        if isinstance(value, dict):
            return {k: placed(v, module) for k, v in value.items()}
        return [placed(v, module) for v in value] if isinstance(value, list) else value

    return {key: made(placed(value, modules[key])) if key in modules else value for key, value in json.items()}


def noisy(weights, rng, noise):
    return [(w * (1 + noise * rng.uniform(-1, 1, w.shape))).astype(w.dtype) for w in weights]


def callbacks_of(described):
    def one(d):
        if "schedule" in d:
            return keras.callbacks.LearningRateScheduler(lambda epoch, lr: float(eval(d["schedule"], {}, {"epoch": epoch, "lr": lr})))
        return getattr(keras.callbacks, d["class"])(**d["config"])

    return [one(d) for d in described]


def train(description, compile_json, arguments, weights):
    keras.backend.clear_session()
    made = built(description)
    made.set_weights(weights)
    made.compile(**compile_arguments(compile_json))
    # Built inside fit, ScheduleFreeAdamW begins with a momentum of zeros and forgets the weights.
    made.optimizer.build(made.trainable_variables)
    arguments = {**arguments, "callbacks": callbacks_of(arguments.get("callbacks", []))}
    return made, made.fit(shuffle=False, verbose=0, **arguments)


def case(maker, description, compile_json, fit, kinds, options):
    rows = 20 + int(maker.rng.integers(1, 8))
    fit = {"batch_size": 8, "epochs": 3, **fit}
    x_style = "list" if len(description["inputs"]) > 1 else None
    y_style = ("dict" if "dict" in options else "list") if len(description["outputs"]) > 1 else None
    made = built(description)
    weights = [w if "moving" in v.path else maker.normal(w.shape, 0.5) for v, w in zip(made.weights, made.get_weights())]
    initial = [{"path": v.path, "value": array(w)} for v, w in zip(made.weights, weights)]
    data, keras_data = {}, {}
    for suffix, count in (("", rows), ("_val", 9)) if "validation" in options else (("", rows),):
        x, y = inputs_of(maker, description, count), labels_of(maker, kinds, description["outputs"], count)
        data |= {f"x{suffix}": written(x), f"y{suffix}": written(y)}
        parts = [several(x, x_style), several(y, y_style)]
        if options & {"weights", "weights_t"}:
            shape = [count, 5] if "weights_t" in options else [count]
            w = {name: maker.uniform(shape, 0.2, 2) for name in description["outputs"]}
            data[f"sample_weight{suffix}"] = written(w)
            parts.append(several(w, "list"))
        keras_data[suffix] = parts
    arguments = {"x": keras_data[""][0], "y": keras_data[""][1], **fit}
    if options & {"weights", "weights_t"}:
        arguments["sample_weight"] = keras_data[""][2]
    if "class_weight" in fit:
        arguments["class_weight"] = {int(k): v for k, v in fit["class_weight"].items()}
    if "_val" in keras_data:
        arguments["validation_data"] = tuple(keras_data["_val"])
    made, history = train(description, compile_json, arguments, weights)
    final = made.get_weights()
    expected = {
        "history": {k: [number(x) for x in v] for k, v in history.history.items()}, "history_keys": list(history.history),
        "epochs": history.epoch, "final_weights": [{"path": v.path, "value": array(w)} for v, w in zip(made.weights, final)],
        "optimizer_iterations": int(made.optimizer.iterations),
    }
    evaluated = dict(zip(("x", "y", "sample_weight"), keras_data[""]))
    results = made.evaluate(**evaluated, batch_size=fit["batch_size"], verbose=0, return_dict=True)
    expected["evaluate"] = {k: number(v) for k, v in results.items()}
    listed = made.evaluate(**evaluated, batch_size=7, verbose=0)
    expected["evaluate_list_batch7"] = [number(v) for v in (listed if isinstance(listed, list) else [listed])]
    first = [v[:9] for v in (keras_data[""][0] if isinstance(keras_data[""][0], list) else [keras_data[""][0]])]
    predicted = made.predict(first if len(first) > 1 else first[0], batch_size=4, verbose=0)
    expected["predict_first9"] = [array(p) for p in (predicted if isinstance(predicted, list) else [predicted])]
    twin, other = train(description, compile_json, arguments, noisy(weights, maker.rng, 1e-6))
    losses = [pair for k, values in history.history.items() for pair in zip(values, other.history[k])]
    expected["sensitivity"] = {
        "weight_noise_relative": 1e-6, "loss_relative": float(max(abs(a - b) / max(abs(a), 1e-2) for a, b in losses)),
        "final_weights_absolute": float(max(np.abs(a - b).max(initial=0) for a, b in zip(final, twin.get_weights()))),
    }
    return {
        "model": description, "compile": compile_json, "fit": {k: v for k, v in fit.items() if k != "callbacks"}, "callbacks": fit.get("callbacks", []), "x_style": x_style, "y_style": y_style,
        "validation_data": "validation" in options, "data": data, "initial_weights": initial, "expected": expected,
    }


def gradients(maker, description, compile_json, kinds):
    made = built(description)
    weights = [w if "moving" in v.path else maker.normal(w.shape, 0.5) for v, w in zip(made.weights, made.get_weights())]
    made.set_weights(weights)
    made.compile(**compile_arguments(compile_json))
    x, y = inputs_of(maker, description, 6), labels_of(maker, kinds, description["outputs"], 6)
    x_read, y_read = several(x, "list"), several(y, "list")
    with tf.GradientTape() as tape:
        predicted = made(x_read, training=True)
        loss = made.compute_loss(x=x_read, y=y_read, y_pred=predicted)
    found = tape.gradient(loss, [v.value for v in made.trainable_variables])
    dense = [tf.convert_to_tensor(g).numpy() for g in found]
    return {
        "kind": "gradients", "model": description, "compile": compile_json, "data": {"x": written(x), "y": written(y)},
        "initial_weights": [{"path": v.path, "value": array(w)} for v, w in zip(made.weights, weights)],
        "expected": {"loss": array(loss), "gradients": [{"path": v.path, "value": array(g)} for v, g in zip(made.trainable_variables, dense)]},
    }


def make(maker):
    for name, description, compile_json, fit, kinds, options in TABLE + further_rows(layer, model, optimizer, schedule) + more_rows(layer, model, optimizer, schedule):
        maker.add(name, lambda: case(maker, description, compile_json, fit, kinds, options))
    for name, description, compile_json, _, kinds, options in TABLE:
        if name in ("strings", "regularized", "conv", "recurrent", "inputs"):
            maker.add(f"gradients_{name}", lambda: gradients(maker, description, compile_json, kinds))
    fit_by_hand.add(maker, sys.modules[__name__])
