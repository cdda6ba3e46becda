"""What is measured: the models, their data and the clock, the same for every peer."""

import math
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LEARNING_RATE = 1e-3
WARM_UP_EPOCHS, EPOCHS = 1, 3


@dataclass(frozen=True)
class Conv:
    """A 3x3 convolution, stride 1, then relu."""

    filters: int
    padding: str


@dataclass(frozen=True)
class Pool:
    """Max pooling over 2x2 windows that do not overlap."""


@dataclass(frozen=True)
class Flatten:
    """Everything but the batch becomes one axis."""


@dataclass(frozen=True)
class Dense:
    """A product and a bias, then relu; the model's last one gives the logits instead."""

    units: int


@dataclass(frozen=True)
class Workload:
    """A model, and how often it sees how much data."""

    name: str
    input_shape: tuple[int, ...]
    layers: tuple
    optimizer: str
    batch: int
    samples: int
    predict: bool = False

    @property
    def classes(self) -> int:
        return self.layers[-1].units

    @property
    def steps(self) -> int:
        return math.ceil(self.samples / self.batch)

    def weight_shapes(self) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
        """The shapes of kernel and bias, layer by layer, in Keras's layout."""
        shape, shapes = self.input_shape, []
        for layer in self.layers:
            match layer:
                case Conv(filters, padding):
                    shapes.append(((3, 3, shape[-1], filters), (filters,)))
                    lost = 0 if padding == "same" else 2
                    shape = (shape[0] - lost, shape[1] - lost, filters)
                case Pool():
                    shape = (shape[0] // 2, shape[1] // 2, shape[2])
                case Flatten():
                    shape = (math.prod(shape),)
                case Dense(units):
                    shapes.append(((shape[0], units), (units,)))
                    shape = (units,)
        return shapes

    def parameters(self) -> int:
        """How many weights every peer must report for this model."""
        return sum(math.prod(k) + math.prod(b) for k, b in self.weight_shapes())

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Pixels uniform in [0, 1) as float32 and random labels as int32, always the same ones."""
        random = np.random.default_rng(1)
        x = random.random((self.samples, *self.input_shape), dtype=np.float32)
        return x, random.integers(0, self.classes, self.samples, dtype=np.int32)


MLP = (Dense(64), Dense(64), Dense(10))
CNN = (Conv(32, "valid"), Flatten(), Dense(128), Dense(10))
WIDE = (Dense(4096), Dense(4096), Dense(1000))
CONVNET = (
    *(Conv(32, "same"), Conv(32, "same"), Pool()),
    *(Conv(64, "same"), Conv(64, "same"), Pool()),
    *(Conv(128, "same"), Conv(128, "same"), Pool()),
    *(Flatten(), Dense(10)),
)

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("mlp", (784,), MLP, "rmsprop", batch=64, samples=50_000),
        Workload("cnn", (28, 28, 1), CNN, "adam", batch=32, samples=200 * 32),
        Workload("wide", (1024,), WIDE, "adam", batch=256, samples=10 * 256),
        Workload("convnet", (32, 32, 3), CONVNET, "adam", batch=64, samples=10 * 64),
        Workload("predict-mlp", (784,), MLP, "rmsprop", 128, 10_000, predict=True),
        Workload("predict-cnn", (28, 28, 1), CNN, "adam", 32, 10_000, predict=True),
    )
}


def measure(workload: Workload, epoch: Callable[[], object]) -> dict[str, float]:
    """Runs `epoch` to warm up and then on the clock; `epoch` must return its result as numbers on
    the host, so that no step is still under way when the clock stops."""
    seconds = []
    for _ in range(WARM_UP_EPOCHS + EPOCHS):
        start = time.perf_counter()
        result = epoch()
        seconds.append(time.perf_counter() - start)
        verify(workload, result)
    ms_per_step = statistics.median(seconds[WARM_UP_EPOCHS:]) / workload.steps * 1e3
    return {"ms_per_step": round(ms_per_step, 4), "peak_rss_mb": round(peak_rss_mb(), 1)}


def verify(workload: Workload, result: object) -> None:
    """Stops a run that is fast because it did something else."""
    if workload.predict:
        assert isinstance(result, np.ndarray) and result.shape == (workload.samples, workload.classes)
        assert np.allclose(result.sum(axis=1), 1.0, atol=1e-4), "rows must be probabilities"
    else:
        loss, accuracy = result
        assert math.isfinite(loss) and 0.0 < loss < 20.0, f"loss {loss}"
        right = accuracy * workload.samples
        # A whole number but for float32's rounding (6e-8 of at most 50,000) and its sums.
        assert 0 <= accuracy <= 1 and abs(right - round(right)) < 0.02, (
            f"accuracy {accuracy} is not a mean over {workload.samples} samples"
        )


def peak_rss_mb() -> float:
    """The most memory this process held, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
