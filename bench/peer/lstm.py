#!/usr/bin/env python3
"""The work of bench/examples/lstm.rs on a peer: `python bench/peer/lstm.py torch|jax|keras`."""

import os
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np

X = ((np.arange(32 * 50 * 32) * 37 % 101 - 50) / 50).astype("float32").reshape(32, 50, 32)


def with_torch():
    import torch

    x, layer = torch.tensor(X), torch.nn.LSTM(32, 64, batch_first=True)

    def forward():
        with torch.no_grad():
            return layer(x)[0][:, -1]

    def step():
        loss = layer(x)[0][:, -1].square().mean()
        layer.zero_grad()
        loss.backward()
        with torch.no_grad():
            for w in layer.parameters():
                w -= 1e-3 * w.grad
        return loss.item()

    return forward, step


def with_jax():
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    weights = [jnp.array(rng.normal(size=s) * 0.1, "float32") for s in [(32, 256), (64, 256), (256,)]]
    x = jnp.array(X)

    def last(weights, x):
        kernel, recurrent, bias = weights

        def turn(carry, z):
            h, c = carry
            i, f, g, o = jnp.split(z + h @ recurrent, 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), None

        zeros = jnp.zeros((32, 64))
        return jax.lax.scan(turn, (zeros, zeros), jnp.swapaxes(x, 0, 1) @ kernel + bias)[0][0]

    forward_program = jax.jit(last)

    @jax.jit
    def update(weights, x):
        loss, gradients = jax.value_and_grad(lambda w: (last(w, x) ** 2).mean())(weights)
        return loss, [w - 1e-3 * g for w, g in zip(weights, gradients)]

    state = {"weights": weights}

    def step():
        loss, state["weights"] = update(state["weights"], x)
        return float(loss)

    return lambda: np.asarray(forward_program(state["weights"], x)), step


def with_keras():
    import keras
    import tensorflow as tf

    x, layer = tf.constant(X), keras.layers.LSTM(64)
    layer(x)
    forward_program = tf.function(lambda x: layer(x))

    @tf.function
    def update(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(layer(x)))
        for w, g in zip(layer.weights, tape.gradient(loss, [w.value for w in layer.weights])):
            w.assign_sub(1e-3 * g)
        return loss

    return lambda: forward_program(x).numpy(), lambda: float(update(x))


peer = sys.argv[1]
for name, work in zip(["forward", "step"], {"torch": with_torch, "jax": with_jax, "keras": with_keras}[peer]()):
    work(), work()
    times = []
    for _ in range(200):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    print(f"{peer} {name}: least {times[0]:.3f} ms, median {times[100]:.3f} ms")
