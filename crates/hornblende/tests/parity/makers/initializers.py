"""Initializers: exact values, or fans and bounds; random streams are not to be reproduced."""

import math

from keras.src.initializers.random_initializers import compute_fans
from makers.notation import array, find

EXACT = [
    ("Zeros", {}, [[2, 3], [4], []]), ("Ones", {}, [[2, 3], [1]]), ("Constant", {"value": -1.5}, [[2, 2], [3]]),
    ("Identity", {}, [[3, 3], [2, 4]]), ("Identity", {"gain": -0.5}, [[4, 2]]),
    *[("STFT", {"side": s, **o}, [[4, 1, 3], [5, 1, 4]]) for s in ("real", "imag") for o in (
        {}, {"window": None}, {"window": "hamming", "scaling": None}, {"periodic": True, "scaling": "spectrum", "window": "blackman"})],
]
# Class, configuration beside scale, mode, distribution, and what these three are.
SCALED = [
    ("GlorotUniform", {}, 1.0, "fan_avg", "uniform"), ("GlorotNormal", {}, 1.0, "fan_avg", "truncated_normal"),
    ("HeUniform", {}, 2.0, "fan_in", "uniform"), ("HeNormal", {}, 2.0, "fan_in", "truncated_normal"),
    ("LecunUniform", {}, 1.0, "fan_in", "uniform"), ("LecunNormal", {}, 1.0, "fan_in", "truncated_normal"),
    *[("VarianceScaling", {"scale": s, "mode": m, "distribution": d}, s, m, d)
      for s, m in ((1.0, "fan_in"), (0.5, "fan_out"), (3.0, "fan_avg"))
      for d in ("uniform", "truncated_normal", "untruncated_normal")],
]
SHAPES = [[5], [4, 6], [3, 2, 5], [3, 3, 4, 6], [2, 2, 2, 3, 4]]


def exact(name, config, shape):
    value = find(f"initializers.{name}")(**config)(shape)
    return {"class": name, "config": config, "shape": shape, "expected": {"value": array(value)}}


def scaled(name, config, scale, mode, distribution, shape):
    fan_in, fan_out = compute_fans(shape)
    fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    variance = scale / max(1.0, fans[mode])
    expected = {"fan_in": int(fan_in), "fan_out": int(fan_out), "distribution": distribution, "variance": variance}
    if distribution == "uniform":
        expected["limit"] = math.sqrt(3 * variance)
    if distribution == "truncated_normal":
        expected["stddev_before_truncation"] = math.sqrt(variance) / 0.87962566103423978
    find(f"initializers.{name}")(**config)(shape)
    return {"class": name, "config": config, "shape": shape, "expected": expected}


def make(maker):
    for name, config, shapes in EXACT:
        for shape in shapes:
            maker.add(f"{name}/{shape}", lambda: exact(name, config, shape))
    for name, config, *how in SCALED:
        for shape in SHAPES:
            shape = [n + maker.seed % 3 for n in shape]
            maker.add(f"{name}/{'x'.join(map(str, shape))}", lambda: scaled(name, config, *how, shape))
