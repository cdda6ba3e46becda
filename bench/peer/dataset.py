"""What tf.data costs in Keras: the model and the data of bench/examples/dataset.rs."""

import os
import time

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import numpy as np
import tensorflow as tf

ROWS = 30_000
x = ((np.arange(ROWS * 784) * 7919) % 1009 / 1009).astype("float32").reshape(ROWS, 784)
y = np.arange(ROWS) % 10
inputs = keras.Input([784])
hidden = keras.layers.Dense(64, activation="relu")(inputs)
hidden = keras.layers.Dense(64, activation="relu")(hidden)
model = keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(hidden))
model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(10_000).batch(32).prefetch(1)


def seconds(*data, **options):
    began = time.perf_counter()
    model.fit(*data, verbose=0, **options)
    return time.perf_counter() - began


seconds(x, y, batch_size=32)
seconds(dataset)
for number in range(3):
    arrays = seconds(x, y, batch_size=32)
    print(f"{number} {arrays:.3f} s from arrays; tf.data: {seconds(dataset) / arrays:.3f} of it")
