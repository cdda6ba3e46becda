#!/usr/bin/env python3
"""The work of bench/examples/blocks.rs on a peer: `python bench/peer/blocks.py torch|jax|keras lstm|encoder`.

`THREADS` in the environment says how many threads PyTorch uses; for the others, start it under `taskset`.
"""

import os
import sys
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np

SHAPES = {"lstm": (32, 50, 32), "encoder": (16, 64, 128)}


def numbers(block):
    shape = SHAPES[block]
    return ((np.arange(np.prod(shape)) * 37 % 101 - 50) / 50).astype("float32").reshape(shape)


def with_torch(block):
    import torch
    from torch import nn

    torch.set_num_threads(int(os.environ.get("THREADS", "1")))
    x = torch.tensor(numbers(block))
    if block == "lstm":
        module = nn.LSTM(32, 64, batch_first=True)
        call = lambda: module(x)[0][:, -1]
    else:

        class Encoder(nn.Module):
            def __init__(self):
                super().__init__()
                self.attention = nn.MultiheadAttention(128, 4, batch_first=True)
                self.first, self.second = nn.LayerNorm(128, eps=1e-3), nn.LayerNorm(128, eps=1e-3)
                self.wide, self.narrow = nn.Linear(128, 512), nn.Linear(512, 128)

            def forward(self, x):
                x = self.first(x + self.attention(x, x, x, need_weights=False)[0])
                return self.second(x + self.narrow(torch.relu(self.wide(x))))

        module = Encoder()
        call = lambda: module(x)

    def forward():
        with torch.no_grad():
            return call()

    def step():
        loss = call().square().mean()
        module.zero_grad()
        loss.backward()
        with torch.no_grad():
            for w in module.parameters():
                w -= 1e-3 * w.grad
        return loss.item()

    return forward, step


def with_jax(block):
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(0)
    normal = lambda *shape: jnp.array(rng.normal(size=shape) * 0.1, "float32")
    x = jnp.array(numbers(block))

    def lstm(weights, x):
        kernel, recurrent, bias = weights

        def turn(carry, z):
            h, c = carry
            i, f, g, o = jnp.split(z + h @ recurrent, 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), None

        zeros = jnp.zeros((32, 64))
        return jax.lax.scan(turn, (zeros, zeros), jnp.swapaxes(x, 0, 1) @ kernel + bias)[0][0]

    def normalized(x, gamma, beta):
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(variance + 1e-3) * gamma + beta

    def encoder(weights, x):
        q, k, v, out, wide, narrow, norms = weights
        heads = lambda pair: jnp.einsum("btf,fhs->bths", x, pair[0]) + pair[1]
        query, key, value = heads(q) / np.sqrt(32), heads(k), heads(v)
        scores = jax.nn.softmax(jnp.einsum("bthd,bshd->bhts", query, key))
        attended = jnp.einsum("bhts,bshd->bthd", scores, value)
        x = normalized(x + jnp.einsum("bthd,hdf->btf", attended, out[0]) + out[1], *norms[0])
        made = jax.nn.relu(x @ wide[0] + wide[1]) @ narrow[0] + narrow[1]
        return normalized(x + made, *norms[1])

    if block == "lstm":
        weights, call = [normal(32, 256), normal(64, 256), normal(256)], lstm
    else:
        heads = lambda: (normal(128, 4, 32), normal(4, 32))
        norm = lambda: (jnp.ones(128), jnp.zeros(128))
        weights = [heads(), heads(), heads(), (normal(4, 32, 128), normal(128))]
        weights += [(normal(128, 512), normal(512)), (normal(512, 128), normal(128)), [norm(), norm()]]
        call = encoder

    forward_program = jax.jit(call)

    @jax.jit
    def update(weights, x):
        loss, gradients = jax.value_and_grad(lambda w: (call(w, x) ** 2).mean())(weights)
        return loss, jax.tree.map(lambda w, g: w - 1e-3 * g, weights, gradients)

    state = {"weights": weights}

    def step():
        loss, state["weights"] = update(state["weights"], x)
        return float(loss)

    return lambda: np.asarray(forward_program(state["weights"], x)), step


def with_keras(block):
    import keras
    import tensorflow as tf
    from keras import layers

    x = tf.constant(numbers(block))
    if block == "lstm":
        model = keras.Sequential([layers.LSTM(64)])
    else:
        inputs = keras.Input(SHAPES[block][1:])
        y = layers.LayerNormalization()(inputs + layers.MultiHeadAttention(4, 32)(inputs, inputs))
        made = layers.Dense(128)(layers.Dense(512, activation="relu")(y))
        model = keras.Model(inputs, layers.LayerNormalization()(y + made))
    model(x)
    forward_program = tf.function(lambda x: model(x))

    @tf.function
    def update(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x)))
        weights = model.trainable_variables
        for w, g in zip(weights, tape.gradient(loss, [w.value for w in weights])):
            w.assign_sub(1e-3 * g)
        return loss

    return lambda: forward_program(x).numpy(), lambda: float(update(x))


peer, block = sys.argv[1:3]
works = {"torch": with_torch, "jax": with_jax, "keras": with_keras}[peer](block)
for name, work in zip(["forward", "step"], works):
    work(), work()
    times = []
    for _ in range(200):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    print(f"{peer} {block} {name}: least {times[0]:.3f} ms, median {times[100]:.3f} ms")
