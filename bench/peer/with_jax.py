"""JAX by hand: forward, gradient, optimizer and metric in one jitted step whose state is donated.

The batch is sliced inside the step from arrays that already lie on the device, and the step reads
its own number from its state, so a call hands over references only.
"""

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .workloads import LEARNING_RATE, Conv, Dense, Flatten, Pool, Workload

EPSILON = 1e-7


def epoch(workload: Workload, threads: int):
    """A function that runs one epoch: (loss, accuracy), or the predictions."""
    del threads  # XLA sizes its pool by the processors that this process may use.
    x, y = (jax.device_put(array) for array in workload.data())
    weights = initial_weights(workload)
    return predictor(workload, weights, x) if workload.predict else trainer(workload, weights, x, y)


def initial_weights(workload: Workload):
    """Keras's defaults: Glorot's uniform kernels, zero biases."""
    random, weights = np.random.default_rng(2), []
    for kernel, bias in workload.weight_shapes():
        window = math.prod(kernel[:-2])
        limit = math.sqrt(6 / (window * (kernel[-2] + kernel[-1])))
        weights.append((random.uniform(-limit, limit, kernel).astype(np.float32), np.zeros(bias, np.float32)))
    assert sum(kernel.size + bias.size for kernel, bias in weights) == workload.parameters()
    return jax.device_put(weights)


def logits(workload: Workload, weights, x):
    """The forward pass without the softmax."""
    weights = iter(weights)
    for layer in workload.layers:
        match layer:
            case Conv(_, padding):
                kernel, bias = next(weights)
                layout = ("NHWC", "HWIO", "NHWC")
                x = lax.conv_general_dilated(x, kernel, (1, 1), padding.upper(), dimension_numbers=layout)
                x = jax.nn.relu(x + bias)
            case Pool():
                x = lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
            case Flatten():
                x = x.reshape(len(x), -1)
            case Dense():
                kernel, bias = next(weights)
                x = x @ kernel + bias
                x = x if layer is workload.layers[-1] else jax.nn.relu(x)
    return x


def trainer(workload: Workload, weights, x, y):
    """One call trains one epoch and reads loss and accuracy once, at its end."""

    def loss_and_right(weights, x, y):
        outputs = logits(workload, weights, x)
        chosen = jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], axis=1)
        return -chosen.mean(), (outputs.argmax(axis=1) == y).sum()

    def step(state, x, y, size):
        start = (state["step"] % workload.steps) * workload.batch
        x, y = (lax.dynamic_slice_in_dim(array, start, size) for array in (x, y))
        compute = jax.value_and_grad(loss_and_right, has_aux=True)
        (loss, right), gradients = compute(state["weights"], x, y)
        state = update(workload.optimizer, state, gradients)
        return state | {"loss": state["loss"] + loss * size, "right": state["right"] + right}

    step = jax.jit(step, static_argnames="size", donate_argnames="state")
    state = {"step": jnp.int32(0), "weights": weights} | slots(workload.optimizer, weights)

    def train():
        nonlocal state
        state = state | {"loss": jnp.float32(0), "right": jnp.int32(0)}
        for first in range(0, workload.samples, workload.batch):
            state = step(state, x, y, size=min(workload.batch, workload.samples - first))
        state = jax.block_until_ready(state)
        return float(state["loss"]) / workload.samples, int(state["right"]) / workload.samples

    return train


def slots(optimizer: str, weights) -> dict:
    """What the optimizer remembers, each as large as the weights."""
    names = {"rmsprop": ["velocity"], "adam": ["momentum", "velocity"]}[optimizer]
    return {name: jax.tree.map(jnp.zeros_like, weights) for name in names}


def update(optimizer: str, state: dict, gradients) -> dict:
    """The state after one step of RMSprop (rho 0.9) or Adam (0.9, 0.999), as Keras defines them."""
    step = state["step"] + 1
    decay = {"rmsprop": 0.9, "adam": 0.999}[optimizer]
    velocity = jax.tree.map(lambda v, g: decay * v + (1 - decay) * g * g, state["velocity"], gradients)
    if optimizer == "rmsprop":
        weights = jax.tree.map(
            lambda w, g, v: w - LEARNING_RATE * g * lax.rsqrt(v + EPSILON),
            *(state["weights"], gradients, velocity),
        )
        return state | {"step": step, "weights": weights, "velocity": velocity}
    momentum = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, state["momentum"], gradients)
    times = step.astype(jnp.float32)
    rate = LEARNING_RATE * jnp.sqrt(1 - 0.999**times) / (1 - 0.9**times)
    weights = jax.tree.map(
        lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON), state["weights"], momentum, velocity
    )
    return state | {"step": step, "weights": weights, "momentum": momentum, "velocity": velocity}


def predictor(workload: Workload, weights, x):
    """One call predicts all samples into one array on the host, as Keras's predict does."""

    def probabilities(weights, x, start, size):
        x = lax.dynamic_slice_in_dim(x, start, size)
        return jax.nn.softmax(logits(workload, weights, x))

    probabilities = jax.jit(probabilities, static_argnames="size")

    def predict():
        outputs = [
            probabilities(weights, x, first, size=min(workload.batch, workload.samples - first))
            for first in range(0, workload.samples, workload.batch)
        ]
        return np.concatenate(outputs)

    return predict
