#!/usr/bin/env python3
"""Writes transformations.json with the real Keras: what image layers do with random numbers that are given.

    python make_transformations.py > transformations.json

A case has the class, its configuration, the images, the random numbers in the order in which ours are drawn, and the
images that Keras makes with them; where labels are mixed, these too. The last case has what RandAugment can make of
images with one change of a fixed strength, contrast and solarization aside, which draw from a range even then.
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

RNG = np.random.default_rng(1)


def array(value):
    value = np.asarray(value)
    kind = {"f": "float32", "i": "int32", "b": "bool"}[value.dtype.kind]
    flat = value.reshape(-1)
    data = [float(str(np.float32(x))) for x in flat] if kind == "float32" else [int(x) for x in flat]
    return {"shape": list(value.shape), "dtype": kind, "data": data}


def pixels(shape, high=255.0):
    return (np.round(RNG.uniform(0, high, shape), 1 if high > 1 else 3)).astype("float32")


def case(name, config, images, transformation, drawn, labels=None):
    layer = getattr(keras.layers, name)(**{k: tuple(v) if isinstance(v, list) else v for k, v in config.items()})
    given = {k: tf.constant(v) if isinstance(v, np.ndarray) else v for k, v in transformation.items()}
    made = {"class": name, "config": config, "images": array(images), "drawn": [array(d) for d in drawn]}
    made["expected"] = array(layer.transform_images(tf.constant(images), given))
    if labels is not None:
        made["labels"] = array(labels)
        made["expected_labels"] = array(layer.transform_labels(tf.constant(labels), given))
    return made


def per_image(values):
    return np.asarray(values).reshape(-1, 1, 1, 1)


def floats(*values):
    return np.asarray(values, "float32")


def colors():
    for high in (255, 1):
        images = pixels([3, 2, 2, 3], high)
        images[0, 0, 0] = images[0, 0, 0, 0]
        images[0, 1] = 0
        for shift in (floats(0.3, -0.2, 0.5), floats(0.0, -0.5, 0.01)):
            config = {"factor": 0.5, "value_range": [0, high]}
            yield case("RandomHue", config, images, {"factor": shift}, [per_image(shift)])
        part, sharp = floats(0.0, 1.5, 0.4), floats(0.0, 0.3, 1.0)
        yield case("RandomSaturation", config, images, {"factor": part}, [per_image(part)])
        yield case("RandomSharpness", config, images, {"factor": sharp}, [per_image(sharp)])
        bits = np.asarray([1, 5, 8], "uint8")
        config = {"factor": 8, "value_range": [0, high]}
        yield case("RandomPosterization", config, images, {"shift_factor": 8 - bits}, [per_image(bits.astype("float32"))])
        config = {"factor": 0.5, "value_range": [0, high]}
        delta = per_image(floats(-0.2, 0.1, 0.4)) * high
        yield case("RandomBrightness", config, images, {"rgb_delta": delta}, [delta])
        contrast = per_image(floats(0.5, 1.0, 1.7))
        yield case("RandomContrast", config, images, {"contrast_factor": contrast}, [contrast])
        yield case("RandomColorDegeneration", config, images, {"factor": contrast - 1}, [contrast - 1])
        config = {"addition_factor": 0.5, "threshold_factor": 0.5, "value_range": [0, high]}
        additions, thresholds = per_image(floats(0, 30, 127)), per_image(floats(120, 60, 0))
        yield case("Solarization", config, images, {"additions": additions, "thresholds": thresholds}, [additions, thresholds])


def blurs():
    apply = np.asarray([True, False, True])
    images = pixels([3, 3, 4, 1])
    for size, deviations in (([3, 3], (0.7, 1.5)), ([5, 3], (2.0, 0.8)), ([1, 7], (1.0, 3.0))):
        given = {"should_apply_blur": apply, "blur_factor": floats(*deviations)}
        drawn = [per_image(apply), *floats(*deviations)]
        yield case("RandomGaussianBlur", {"kernel_size": size}, images, given, drawn)


def patches():
    images = pixels([3, 4, 6, 3])
    left, right, top, bottom = floats(0, 1.5, 2), floats(3, 4.0, 6), floats(1, 0.5, 0), floats(2, 3.5, 4)
    sides = [per_image(side) for side in (top, bottom, left, right)]
    order, weight = np.asarray([2, 0, 1], "int32"), floats(0.2, 0.5, 0.9)
    labels = pixels([3, 4], 1)
    mixed = {"mix_weight": weight, "permutation_order": order}
    yield case("MixUp", {}, images, mixed, [order, per_image(weight)], labels)
    masks, area = keras.layers.CutMix()._generate_batch_mask(images.shape, (left, right, top, bottom))
    area = np.asarray(area, "float32").reshape(-1)
    cut = {"permutation_order": order, "batch_masks": masks, "mix_weight": area}
    yield case("CutMix", {}, images, cut, [order, per_image(area), *sides], labels)
    erased = np.asarray([True, True, False])
    for fill_value in (9.5, [300.0, 20.0, 3.0], None):
        layer = keras.layers.RandomErasing(fill_value=fill_value)
        filling = np.asarray(layer._get_fill_value(images, images.shape, 1))
        masks = layer._generate_batch_mask(images.shape, (left, right, top, bottom))
        given = {"apply_erasing": erased, "batch_masks": masks, "fill_value": filling}
        yield case("RandomErasing", {"fill_value": fill_value}, images, given, [per_image(erased), *sides, filling])


def maps():
    apply = np.asarray([True, False])
    noise = np.round(RNG.normal(size=[2, 4, 5]), 2).astype("float32")
    images = pixels([2, 4, 5, 1])
    large, wide = np.floor(pixels([1, 22, 21, 1])), np.round(RNG.normal(size=[1, 22, 21]), 2).astype("float32")
    drawn_normal, config = tf.random.stateless_normal, {}
    for mode in ("reflect", "wrap", "nearest", "constant"):
        for interpolation in ("bilinear", "nearest"):
            config = {"fill_mode": mode, "interpolation": interpolation, "fill_value": 7.0, "scale": [0.5, 4.0]}
            tf.random.stateless_normal = lambda **_: tf.constant(noise)
            given = {"apply_transform": apply, "distortion_factor": np.float32(4.0), "seed": 1}
            yield case("RandomElasticTransform", config, images, given, [per_image(apply), np.float32(4.0), noise])
    # A kernel of seven places, where the largest deviation would have thirteen.
    config = {"scale": [0.5, 2.0]}
    tf.random.stateless_normal = lambda **_: tf.constant(wide)
    given = {"apply_transform": np.asarray([True]), "distortion_factor": np.float32(1.5), "seed": 1}
    yield case("RandomElasticTransform", config, large, given, [per_image([True]), np.float32(1.5), wide])
    tf.random.stateless_normal = drawn_normal
    corners = floats([[0, 0], [4, 0], [0, 3], [4, 3]])
    start = np.repeat(corners, 2, axis=0)
    for scale in (0.2, 1.0):
        for interpolation in ("bilinear", "nearest"):
            moved = np.round(1 + RNG.uniform(-scale / 2, scale / 2, [2, 4, 2]), 3).astype("float32")
            given = {"apply_perspective": apply, "start_points": start, "end_points": start * moved}
            config = {"scale": scale, "interpolation": interpolation, "fill_value": 3.0}
            yield case("RandomPerspective", config, images, given, [per_image(apply), moved])
    amounts = floats([0.3, 0.1], [-0.2, 0.4])
    drawn = [amounts[:, :1, None], amounts[:, 1:, None]]
    yield case("RandomShear", {"x_factor": 0.5, "fill_mode": "nearest"}, images, {"shear_factor": amounts, "input_shape": images.shape}, drawn)


def outcomes():
    config = {"num_ops": 1, "factor": [0.4, 0.4]}
    images = pixels([1, 3, 4, 3])
    found = {}
    for seed in range(300):
        y = np.asarray(keras.layers.RandAugment(num_ops=1, factor=(0.4, 0.4), seed=seed)(images))
        key = tuple(np.round(y, 2).reshape(-1))
        found.setdefault(key, [0, y])[0] += 1
    often = [y for count, y in found.values() if count > 2]
    return {"class": "RandAugment", "config": config, "images": array(images), "outcomes": [array(y) for y in often]}


CASES = [*colors(), *blurs(), *patches(), *maps(), outcomes()]
head = {"keras": keras.__version__, "tensorflow": tf.__version__, "count": len(CASES)}
lines = ",\n".join(json.dumps(case) for case in CASES)
sys.stdout.write(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
