"""Layers and activations: results, gradients, and what a call leaves in the weights."""

import keras
import numpy as np
import tensorflow as tf
from makers.layer_options import OPTIONS
from makers.notation import array, build, find

L2 = {"class": "regularizers.L2", "config": {"l2": 0.1}}
NORM = {"class": "constraints.MaxNorm", "config": {"max_value": 1.0}}
SAME = {"padding": "same"}
FIRST = {"data_format": "channels_first"}
NONE = {}


def product(*axes):
    """Configurations of one option of each axis."""
    made = [{}]
    for axis in axes:
        made = [{**one, **other} for one in made for other in axis]
    return made


def conv(rank, classes, options):
    letters = "b" + "9" * rank + "4"
    return [(c, {"filters": 4, "kernel_size": 3, **o} if "Depthwise" not in c else {"kernel_size": 3, **o}, [letters])
            for c in classes for o in options]


CONV_OPTIONS = [{}, SAME, {"strides": 2}, {"strides": 2, **SAME}, {"dilation_rate": 2}, {"use_bias": False, "activation": "relu"},
                {"kernel_size": 1}, {"kernel_size": 2, **SAME, "strides": 3}]
GROUPED = [{"groups": 2}, {"groups": 4, **SAME}]
TRANSPOSED = [{}, SAME, {"strides": 2}, {"strides": 2, **SAME}, {"strides": 3, "output_padding": 1}, {"use_bias": False}]
DEPTHWISE = [{}, {"depth_multiplier": 2, **SAME}, {"strides": 2}, {"dilation_rate": 2}, {"use_bias": False}]
POOLS = [{"pool_size": 2}, {"pool_size": 3}, {"pool_size": 3, "strides": 1}, {"pool_size": 3, "strides": 2, **SAME}, {"pool_size": 2, **SAME}]
RNN = [{}, {"return_sequences": True}, {"go_backwards": True, "return_sequences": True}, {"return_state": True},
       {"return_sequences": True, "return_state": True, "unroll": True}, {"activation": "relu"}, {"use_bias": False}]
MERGE = ["Add", "Multiply", "Average", "Maximum", "Minimum"]
SHAPES = ["b4", "bt3"]

# Class, configuration, letters of the inputs' shapes, and further: call, style, kind of the inputs.
TABLE = [
    *[("Dense", {"units": 3, **o}, [s]) for s in ("b4", "bt4", "bth4")
      for o in ({}, {"activation": "tanh"}, {"use_bias": False}, {"kernel_regularizer": L2, "bias_constraint": NORM})],
    *[("EinsumDense", {"equation": e, "output_shape": o, **b}, [s]) for e, o, s, b in (
        ("ab,bc->ac", 5, "b4", {"bias_axes": "c"}), ("abc,cd->abd", [None, 5], "bt4", {"bias_axes": "d"}),
        ("...x,xy->...y", 5, "bt4", {"bias_axes": "y", "activation": "relu"}), ("abc,cde->abde", [None, 2, 3], "bt4", {"bias_axes": "de"}),
        ("abc,bd->adc", [5, None], "b43", {}))],
    *[("Embedding", {"input_dim": 7, "output_dim": 3, **o}, ["bt"], NONE, "positional", "labels")
      for o in ({}, {"mask_zero": True}, {"embeddings_regularizer": L2})],
    *conv(1, ["Conv1D"], CONV_OPTIONS + GROUPED + [{"padding": "causal"}, {"padding": "causal", "dilation_rate": 2}, {"padding": "causal", "strides": 2}]),
    *conv(2, ["Conv2D"], CONV_OPTIONS + GROUPED + [{"kernel_size": [2, 3], "strides": [2, 1]}, {"dilation_rate": [1, 3]}]),
    *[("Conv3D", {"filters": 3, "kernel_size": 2, **o}, ["b5642"]) for o in CONV_OPTIONS[:5] + [{"kernel_size": [1, 2, 3]}]],
    *conv(1, ["DepthwiseConv1D"], DEPTHWISE), *conv(2, ["DepthwiseConv2D"], DEPTHWISE),
    *conv(1, ["SeparableConv1D"], DEPTHWISE), *conv(2, ["SeparableConv2D"], DEPTHWISE),
    *conv(1, ["Conv1DTranspose"], TRANSPOSED), *[(c, o, ["b564"]) for c, o, _ in conv(2, ["Conv2DTranspose"], TRANSPOSED + [{"strides": [1, 2], "kernel_size": [2, 4]}])],
    *[("Conv3DTranspose", {"filters": 2, "kernel_size": 2, **o}, ["b3232"]) for o in TRANSPOSED[:4]],
    *[(f"{k}Pooling{r}D", o, ["b" + "769"[:r] + "3"]) for k in ("Max", "Average") for r in (1, 2, 3) for o in POOLS],
    *[(f"{k}Pooling{r}D", {**o, **FIRST}, ["b3" + "769"[:r]]) for k in ("Max", "Average") for r in (1, 2) for o in POOLS[:1]],
    *[(f"Global{k}Pooling{r}D", o, ["b" + "345"[:r] + "3"]) for k in ("Max", "Average") for r in (1, 2, 3) for o in ({}, {"keepdims": True}, FIRST)],
    *[(f"Adaptive{k}Pooling{r}D", {"output_size": 2}, ["b" + "764"[:r] + "3"]) for k in ("Max", "Average") for r in (1, 2, 3)],
    ("GlobalAveragePooling1D", {}, ["b53"], {"mask": "b5"}),
    *[("BatchNormalization", o, [s], {"training": t}) for t in (True, False) for s in ("53", "b43", "b343")
      for o in ({}, {"axis": 1}, {"center": False}, {"scale": False, "momentum": 0.5, "epsilon": 0.1}, {"trainable": False})],
    ("BatchNormalization", {}, ["b53"], {"training": True, "mask": "b5"}),
    *[("LayerNormalization", o, ["b43"]) for o in ({}, {"axis": [1, 2]}, {"axis": 1, "epsilon": 0.1}, {"center": False}, {"scale": False})],
    *[("GroupNormalization", o, ["b346"]) for o in ({"groups": 2}, {"groups": 3, "epsilon": 0.1}, {"groups": -1}, {"groups": 1, "scale": False}, {"groups": 2, "axis": 2})],
    *[("RMSNormalization", o, ["b43"]) for o in ({}, {"epsilon": 0.1}, {"axis": 1})],
    *[("UnitNormalization", o, ["b43"]) for o in ({}, {"axis": 1}, {"axis": [1, 2]})],
    *[("SpectralNormalization", {"layer": w, **o}, [s], {"training": False}) for w, s in (
        ({"class": "Dense", "config": {"units": 3}}, "b4"), ({"class": "Conv2D", "config": {"filters": 2, "kernel_size": 2}}, "b442")) for o in ({}, {"power_iterations": 2})],
    *[(c, {"units": 3, **o}, ["bt4"], call) for c in ("SimpleRNN", "LSTM", "GRU") for o in RNN for call in (NONE, {"mask": "bt"})],
    *[(c, {"units": 3, "zero_output_for_mask": True, "return_sequences": True}, ["bt4"], {"mask": "bt"}) for c in ("SimpleRNN", "LSTM", "GRU")],
    *[(c, {"units": 3, **o}, ["bt4"], {"initial_state": ["b3"] * n}) for c, n in (("SimpleRNN", 1), ("GRU", 1), ("LSTM", 2)) for o in RNN[:4]],
    *[("GRU", {"units": 3, "reset_after": False, **o}, ["bt4"]) for o in RNN], ("LSTM", {"units": 2, "recurrent_activation": "hard_sigmoid", "unit_forget_bias": False}, ["bt4"]),
    *[("Bidirectional", {"layer": {"class": c, "config": {"units": 2, "return_sequences": q}}, "merge_mode": m}, ["bt3"], call)
      for c in ("SimpleRNN", "LSTM", "GRU") for q in (True, False) for m in ("concat", "sum", "mul", "ave", None) for call in (NONE, {"mask": "bt"})],
    *[("TimeDistributed", {"layer": w}, [s]) for w, s in (({"class": "Dense", "config": {"units": 2}}, "bt4"), ({"class": "Conv1D", "config": {"filters": 2, "kernel_size": 2}}, "bt53"), ({"class": "Flatten", "config": {}}, "bt23"))],
    *[(f"ConvLSTM{r}D", {"filters": 2, "kernel_size": 2, **o}, ["bt" + "44"[:r] + "2"]) for r in (1, 2) for o in ({}, {"return_sequences": True, **SAME}, {"strides": 2}, {"return_state": True}, {"go_backwards": True})],
    *[("MultiHeadAttention", {"num_heads": 2, "key_dim": 3, **o}, ["b43", "b53"], call) for o in ({}, {"value_dim": 2}, {"use_bias": False}, {"output_shape": 5}, {"attention_axes": [1]})
      for call in (NONE, {"return_attention_scores": True}, {"attention_mask": "b45"}, {"use_causal_mask": True})],
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ["b43"], {"use_causal_mask": True}, "self"),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ["b43", "b53", "b52"]),
    ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, ["b43", "b53"], {"query_mask": "b4", "value_mask": "b5"}),
    *[("GroupQueryAttention", {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2, **o}, ["b43", "b53"], call) for o in ({}, {"use_bias": False}) for call in (NONE, {"attention_mask": "b45"}, {"use_causal_mask": True}, {"return_attention_scores": True})],
    *[(c, o, shapes, call, "list") for c, options in (("Attention", ({}, {"use_scale": True}, {"score_mode": "concat"})), ("AdditiveAttention", ({}, {"use_scale": False}))) for o in options
      for shapes in (["b43", "b53"], ["b43", "b53", "b53"]) for call in (NONE, {"use_causal_mask": True}, {"return_attention_scores": True}, {"mask": ["b4", "b5", "b5"]})],
    *[("Flatten", o, [s]) for s in ("b23", "b", "b234") for o in ({}, FIRST)], ("Reshape", {"target_shape": [2, 6]}, ["b34"]), ("Reshape", {"target_shape": [-1, 2]}, ["b34"]),
    ("Permute", {"dims": [2, 1]}, ["b23"]), ("Permute", {"dims": [3, 1, 2]}, ["b234"]), ("RepeatVector", {"n": 3}, ["b4"]),
    *[("ZeroPadding1D", {"padding": p}, ["b32"]) for p in (1, [1, 2])], *[("Cropping1D", {"cropping": p}, ["b52"]) for p in (1, [1, 2], [0, 1])],
    *[("ZeroPadding2D", {"padding": p, **o}, ["b342"]) for p in (1, [1, 2], [[1, 0], [2, 3]]) for o in ({}, FIRST)], *[("Cropping2D", {"cropping": p, **o}, ["b666"]) for p in (1, [1, 2], [[1, 0], [2, 3]]) for o in ({}, FIRST)],
    *[("ZeroPadding3D", {"padding": p}, ["b2332"]) for p in (1, [1, 2, 0])], *[("Cropping3D", {"cropping": p}, ["b5552"]) for p in (1, [1, 2, 0])],
    ("UpSampling1D", {"size": 3}, ["b32"]), *[("UpSampling2D", {"size": s, "interpolation": i}, ["b342"]) for s in (2, [2, 3]) for i in ("nearest", "bilinear", "bicubic")], ("UpSampling3D", {"size": [1, 2, 3]}, ["b2332"]),
    *[(c, {}, shapes, NONE, "list") for c in MERGE for shapes in (["b43", "b43"], ["b43"] * 3, ["b43", "b13"], ["b43", "b41"])], ("Subtract", {}, ["b43", "b43"], NONE, "list"),
    *[("Concatenate", {"axis": a}, s, NONE, "list") for a, s in ((-1, ["b43", "b42"]), (1, ["b43", "b23", "b13"]))],
    *[("Dot", o, s, NONE, "list") for o, s in (({"axes": 1}, ["b4", "b4"]), ({"axes": [2, 1]}, ["b34", "b42"]), ({"axes": 1, "normalize": True}, ["b4", "b4"]), ({"axes": -1}, ["b34", "b24"]))],
    *[(c, o, [s]) for s in SHAPES for c, o in (("ReLU", {}), ("ReLU", {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2}), ("LeakyReLU", {}), ("LeakyReLU", {"negative_slope": 0.1}), ("ELU", {"alpha": 0.5}), ("PReLU", {}), ("Softmax", {}), ("Softmax", {"axis": 1}), ("Activation", {"activation": "gelu"}), ("Identity", {}), ("Rescaling", {"scale": 0.5, "offset": 1.0}), ("Rescaling", {"scale": [0.5], "offset": [-0.1]}))],
    ("PReLU", {"shared_axes": [1]}, ["b43"]), ("Softmax", {}, ["b4"], {"mask": "b4"}), ("Softmax", {"axis": [1, 2]}, ["b43"]),
    ("Normalization", {"mean": [1.0, 2.0, 0.5], "variance": [1.0, 0.5, 2.0]}, ["b3"]), ("Normalization", {"mean": 1.0, "variance": 2.0, "invert": True, "axis": None}, ["b3"]),
    *[(c, {"rate": 0.4}, ["b43"], {"training": False}) for c in ("Dropout", "SpatialDropout1D", "GaussianDropout", "AlphaDropout")], ("GaussianNoise", {"stddev": 0.4}, ["b43"], {"training": False}),
    ("SpatialDropout2D", {"rate": 0.4}, ["b343"], {"training": False}), ("SpatialDropout3D", {"rate": 0.4}, ["b2343"], {"training": False}), ("ActivityRegularization", {"l1": 0.1}, ["b3"]),
    *[("Discretization", {"bin_boundaries": [-1.0, 0.5, 1.0], **o}, ["b4"]) for o in ({}, {"output_mode": "one_hot"}, {"output_mode": "multi_hot"}, {"output_mode": "count"})],
    *[("CategoryEncoding", {"num_tokens": 7, "output_mode": m}, [s], NONE, "positional", "labels") for m, s in (("multi_hot", "b4"), ("one_hot", "b"), ("count", "b4"))],
    ("Masking", {}, ["bt3"]), ("Masking", {"mask_value": 1.0}, ["bt3"]),
]
PLAIN = "sigmoid tanh softplus softsign selu silu swish mish exponential hard_sigmoid hard_silu hard_swish relu6 linear log_sigmoid hard_tanh tanh_shrink sparse_plus sparse_sigmoid relu elu gelu celu leaky_relu softmax log_softmax glu sparsemax hard_shrink soft_shrink squareplus threshold".split()
ACTIVATIONS = [(n, {}) for n in PLAIN if n != "threshold"] + [
    ("relu", {"negative_slope": 0.2}), ("relu", {"max_value": 1.0, "threshold": 0.3}), ("elu", {"alpha": 0.4}), ("celu", {"alpha": 0.4}), ("gelu", {"approximate": True}),
    ("leaky_relu", {"negative_slope": 0.5}), ("softmax", {"axis": 0}), ("log_softmax", {"axis": 0}), ("glu", {"axis": 0}), ("sparsemax", {"axis": 0}),
    ("hard_shrink", {"threshold": 1.0}), ("soft_shrink", {"threshold": 1.0}), ("squareplus", {"b": 1.0}), ("threshold", {"threshold": 0.5, "default_value": 0.1}),
]


def mask_of(maker, sizes):
    """Truth values of which the first along the last axis always counts."""
    mask = maker.rng.integers(0, 2, sizes).astype(bool)
    mask[..., 0] = True
    return mask


def written(value):
    return [array(v) for v in value] if isinstance(value, list) else value if isinstance(value, bool) else array(value)


def inner(variable):
    return variable.path.split("/", 1)[1]


def arguments_of(maker, call, sizes):
    def argument(key, letters):
        if isinstance(letters, bool):
            return letters
        if isinstance(letters, list):
            return [argument(key, one) for one in letters]
        shape = sizes(letters)
        if key in ("initial_state", "adapt"):
            return maker.normal(shape)
        return maker.uniform(shape, 0.5, 2) if key == "count_weights" else mask_of(maker, shape)

    return {key: argument(key, letters) for key, letters in call.items()}


def case(maker, name, config, shapes, call=NONE, style="positional", kind="real"):
    known = {}

    def sizes(letters):
        for letter in letters:
            known.setdefault(letter, int(letter) if str(letter).isdigit() else int(maker.rng.integers(2, 5)))
        return [known[letter] for letter in letters]

    numbers = {
        "labels": lambda shape: maker.labels(shape, 7), "real": maker.normal,
        "pixels": lambda shape: np.round(maker.uniform(shape, 0, 255), 1), "bytes": lambda shape: maker.labels(shape, 256),
        "unit": lambda shape: np.round(maker.uniform(shape, 0, 1), 3),
    }
    inputs = [numbers[kind](sizes(s)) for s in shapes]
    if name == "Masking" and config:
        inputs[0][:, 1] = 1.0
    arguments = arguments_of(maker, call, sizes)
    if isinstance(arguments.get("mask"), list):
        arguments["mask"] = arguments["mask"][:len(inputs)]
    adapt_data = arguments.pop("adapt", None)
    layer = find(f"layers.{name}")(**build(config))
    if adapt_data is not None:
        layer.adapt(adapt_data)
    tensors = [tf.Variable(x) if x.dtype.kind == "f" else tf.constant(x) for x in inputs]

    def run():
        reads = [tf.convert_to_tensor(t) for t in tensors]
        keras_arguments = {k: ([tf.constant(v) for v in a] if isinstance(a, list) else tf.constant(a)) if not isinstance(a, bool) else a for k, a in arguments.items()}
        if style == "list":
            return layer(reads, **keras_arguments)
        return layer(*(reads * 2 if style == "self" else reads), **keras_arguments)

    run()
    for weight in layer.weights:
        value = np.asarray(weight)
        positive = "variance" in weight.name or "gamma" in weight.name
        if value.dtype.kind == "f" and name not in ("Normalization",) and weight.name != "seed_generator_state":
            weight.assign(maker.uniform(value.shape, 0.4, 1.6) if positive else maker.normal(value.shape, 0.5))
    made = {"class": name, "config": config, "inputs": [array(x) for x in inputs], "call": {k: written(v) for k, v in arguments.items()}, "call_style": style}
    if adapt_data is not None:
        made["adapt_data"] = array(adapt_data)
    made["weights"] = [{"name": inner(w), "trainable": w.trainable, "value": array(w)} for w in layer.weights]
    trainable = list(layer.trainable_weights)
    with tf.GradientTape() as tape:
        outputs = run()
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        floats = all(o.dtype.is_floating for o in outputs) and name not in ("Discretization", "CategoryEncoding")
        cotangents = [maker.normal(o.shape) for o in outputs] if floats else []
        total = sum(tf.reduce_sum(o * c) for o, c in zip(outputs, cotangents)) if floats else None
    expected = {"outputs": [array(o) for o in outputs]}
    if floats:
        made["cotangents"] = [array(c) for c in cotangents]
        sources = [t for t in tensors if isinstance(t, tf.Variable)]
        found = tape.gradient(total, sources + [w.value for w in trainable])
        dense = [None if g is None else tf.convert_to_tensor(g).numpy() for g in found]
        expected["grad_inputs"] = [array(g) for g in dense[:len(sources)]]
        expected["grad_weights"] = [{"name": inner(w), "value": array(g)} for w, g in zip(trainable, dense[len(sources):])]
    if "training" in call and layer.weights:
        expected["weights_after"] = [{"name": inner(w), "value": array(w)} for w in layer.weights]
    return {**made, "expected": expected}


def activation_case(maker, name, config):
    x = maker.normal([3, 4], 2.0)
    x[0, :2] = [30.0, -30.0]
    read = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = getattr(keras.activations, name)(read, **config)
        cotangent = maker.normal(y.shape)
        total = tf.reduce_sum(y * cotangent)
    expected = {"outputs": [array(y)], "grad_inputs": [array(tape.gradient(total, read).numpy())], "grad_weights": []}
    return {"class": f"activations.{name}", "config": config, "inputs": [array(x)], "call": {}, "call_style": "positional",
            "weights": [], "cotangents": [array(cotangent)], "expected": expected}


def make(maker):
    for k, row in enumerate(TABLE):
        maker.add(f"{row[0]}/{k}", lambda: case(maker, *row))
    for k, row in enumerate(OPTIONS):
        maker.add(f"{row[0]}/option_{k}", lambda: case(maker, *row))
    for k, (name, config) in enumerate(ACTIVATIONS):
        maker.add(f"activations.{name}/{k}", lambda: activation_case(maker, name, config))
