"""Keras through compile, fit and predict with its defaults, on the backend that KERAS_BACKEND names."""

import os

from .workloads import LEARNING_RATE, Conv, Dense, Flatten, Pool, Workload


def epoch(workload: Workload, threads: int):
    """A function that runs one epoch: (loss, accuracy), or the predictions."""
    if os.environ["KERAS_BACKEND"] == "tensorflow":
        import tensorflow

        tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
        tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    model = build(workload)
    x, y = workload.data()
    if workload.predict:
        return lambda: model.predict(x, batch_size=workload.batch, verbose=0)

    def fit():
        history = model.fit(x, y, batch_size=workload.batch, epochs=1, verbose=0, shuffle=False).history
        return history["loss"][0], history["accuracy"][0]

    return fit


def build(workload: Workload):
    """The model, compiled."""
    import keras

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input(workload.input_shape)])
    for layer in workload.layers:
        match layer:
            case Conv(filters, padding):
                model.add(keras.layers.Conv2D(filters, 3, padding=padding, activation="relu"))
            case Pool():
                model.add(keras.layers.MaxPooling2D())
            case Flatten():
                model.add(keras.layers.Flatten())
            case Dense(units):
                last = layer is workload.layers[-1]
                model.add(keras.layers.Dense(units, activation="softmax" if last else "relu"))
    optimizers = {"rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam}
    model.compile(
        optimizer=optimizers[workload.optimizer](LEARNING_RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(),
        metrics=["accuracy"],
    )
    assert model.count_params() == workload.parameters()
    return model
