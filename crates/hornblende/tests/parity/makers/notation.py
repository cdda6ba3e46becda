"""The notation of the cases, and the random numbers that they are made of."""

import zlib

import keras
import numpy as np


def numbers(array):
    """The shortest decimals that give the float32 numbers back; those that JSON lacks as texts."""
    flat = np.asarray(array).reshape(-1)
    if flat.dtype.kind != "f":
        return [int(x) for x in flat]
    texts = {"nan", "inf", "-inf"}
    return [str(x) if str(x) in texts else float(str(x)) for x in flat.astype(np.float32)]


def array(value):
    """An array as the cases write it; None stays."""
    if value is None:
        return None
    value = np.asarray(value)
    dtype = {"f": "float32", "i": "int32", "u": "int32", "b": "bool"}[value.dtype.kind]
    return {"shape": list(value.shape), "dtype": dtype, "data": numbers(value)}


def number(value):
    return numbers(np.float32(value))[0]


MODULES = [
    keras.layers, keras.losses, keras.metrics, keras.optimizers, keras.optimizers.schedules,
    keras.regularizers, keras.constraints, keras.initializers,
]


def find(name):
    """The class of this name; `regularizers.L2` names the module too."""
    if "." in name:
        module, name = name.split(".")
        return getattr(getattr(keras, module), name)
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


def build(value):
    """A configuration as Keras's constructors take it: classes made, lists as tuples."""
    if isinstance(value, dict) and "class" in value:
        return find(value["class"])(**build(value.get("config", {})))
    if isinstance(value, dict):
        return {key: build(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return tuple(build(entry) for entry in value)
    return value


class Maker:
    """Collects the cases of a family. Each case has random numbers of its own."""

    def __init__(self, family, seed):
        self.family = family
        self.seed = seed
        self.cases = []
        self.refused = []
        self.rng = None
        self.taken = set()

    def add(self, id, make):
        """Adds what `make` returns, unless Keras refuses the arguments."""
        base, count = id, 1
        while id in self.taken:
            count += 1
            id = f"{base}_{count}"
        self.taken.add(id)
        keras.backend.clear_session()
        keras.utils.set_random_seed(self.seed)
        self.rng = np.random.default_rng([self.seed, zlib.crc32(f"{self.family}/{id}".encode())])
        try:
            self.cases.append({"id": id, **make()})
        except Exception as error:
            self.refused.append(f"{id}: {str(error).splitlines()[0][:150]}")

    def sizes(self, letters):
        """A shape of letters as sizes: a figure is itself, a letter the same random size each time."""
        known = {}
        for letter in letters:
            known.setdefault(letter, int(letter) if letter.isdigit() else int(self.rng.integers(2, 6)))
        return [known[letter] for letter in letters]

    def normal(self, shape, scale=1.0):
        return (self.rng.normal(size=shape) * scale).astype(np.float32)

    def uniform(self, shape, low=0.0, high=1.0):
        return self.rng.uniform(low, high, size=shape).astype(np.float32)

    def softmax(self, shape, axis=-1):
        exponentials = np.exp(self.normal(shape))
        return (exponentials / exponentials.sum(axis=axis, keepdims=True)).astype(np.float32)

    def labels(self, shape, classes):
        return self.rng.integers(0, classes, size=shape).astype(np.int32)

    def one_hot(self, shape, axis=-1):
        labels = self.labels([n for k, n in enumerate(shape) if k != axis % len(shape)], shape[axis])
        return np.moveaxis(np.eye(shape[axis], dtype=np.float32)[labels], -1, axis)

    def coins(self, shape):
        return self.rng.integers(0, 2, size=shape).astype(np.float32)
