"""Writes the golden files beside this script with the real Keras.

    pip download --no-deps tf_keras==2.16.0
    KERAS_BACKEND=jax python make.py tf_keras-2.16.0-py3-none-any.whl

`progress_keras3.txt` and `progress_keras2.txt` hold what the `Progbar` of Keras 3 and of Keras 2 (its
class is read from the wheel, since it needs no TensorFlow) draw on a clock that the script sets, with
random numbers of seed 7. A line `run` starts a bar of a number of steps and a verbosity; `update` and
`finish` hand it a step, the seconds since the start and the metrics; the `=` line after them is the
text, without backspaces, padding and empty colour spans. The other files hold what `model.summary()`
prints on a console too wide to cut anything.
"""

import io
import os
import random
import re
import shutil
import sys
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import rich
import rich.console
from importlib.metadata import version
from keras import layers
from keras.src.utils import io_utils, progbar, summary_utils

FOLDER = os.path.dirname(os.path.abspath(__file__))
MADE_BY = f"keras {keras.__version__}, rich {version('rich')}"


def write(name, text):
    with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
        file.write(text)


class Clock:
    def __init__(self):
        self.now = 0.0

    def time(self):
        return self.now


def drawn(clock, bar, step, now, metrics, finish):
    clock.now = now
    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        bar.update(step, metrics, finalize=finish)
        text = sys.stdout.getvalue()
    finally:
        sys.stdout = out
    text = text.replace("\b", "").replace("\r", "").replace("\x1b[37m\x1b[0m", "")
    return text.rstrip().replace("\x1b", "<ESC>")


def keras2_progbar(wheel, clock):
    source = zipfile.ZipFile(wheel).read("tf_keras/src/utils/generic_utils.py").decode()
    source = source[source.index("\nclass Progbar") :]
    source = source[: source.index("\ndef ")]
    scope = {"io_utils": io_utils, "np": np, "os": os, "sys": sys, "time": clock}
    exec(source, scope)
    return scope["Progbar"]


def progress(name, made_by, clock, bar_class):
    random.seed(7)
    lines = [f"# {made_by}, make.py"]

    def run(target, verbose, steps):
        clock.now = 0.0
        names = ["accuracy", "loss", "val_accuracy", "val_loss"]
        bar = bar_class(target, verbose=verbose, stateful_metrics=names)
        bar._last_update = -1.0
        lines.append(f"run {target or 'unknown'} {verbose}")
        for step, now, metrics, finish in steps:
            if finish:
                # What ProgbarLogger does at the end of a run of unknown length.
                bar.target = bar.target or step
            text = drawn(clock, bar, step, now, metrics, finish)
            pairs = "".join(f" {name}={value!r}" for name, value in metrics)
            lines.append(f"{'finish' if finish else 'update'} {step} {now!r}{pairs}")
            if text:
                lines.append(f"={text}")

    def metrics(finish, scale=1.0):
        values = [("accuracy", random.random()), ("loss", random.uniform(-1, 2) * scale)]
        if finish:
            values += [("val_accuracy", random.random() * 1e-3), ("val_loss", random.random())]
        return values

    for target, count, seconds in [
        (10, 10, 0.083), (1, 1, 0.4), (782, 30, 0.0062), (1563, 40, 3.7), (100000, 30, 0.000212),
        (None, 7, 0.475), (9, 9, 61.0), (20, 20, 0.0017), (5000, 12, 1.0),
    ]:
        steps, now = [], 0.0
        for i in range(1, count + 1):
            now = round(now + seconds * random.uniform(0.5, 1.5) + (0.31 if i == 1 else 0.0), 6)
            steps.append((i, now, metrics(False, random.choice([1.0, 1e-3, 1e6])), False))
        last = target or count
        steps.append((last, round(now + 0.77, 6), metrics(True), True))
        run(target, 1, steps)
        # Keras writes negative numbers of verbose=2 as `%.4e`, which is not worth keeping.
        steps = [(s, t, [(n, abs(v)) for n, v in m], f) for s, t, m, f in steps[-1:]]
        run(target, 2, steps)
    run(3, 1, [(1, 0.06, [], False), (3, 0.2, [], True)])
    write(name, "\n".join(lines) + "\n")


def summary(name, model, color=False, **arguments):
    out = io.StringIO()
    original = rich.console.Console

    class Wide(original):
        def __init__(self, *args, **kwargs):
            kwargs.update(width=400, file=out)
            if color:
                kwargs.update(force_terminal=True, color_system="standard")
            super().__init__(*args, **kwargs)

    size = shutil.get_terminal_size
    rich.console.Console = Wide
    shutil.get_terminal_size = lambda *_: os.terminal_size((400, 24))
    try:
        summary_utils.print_summary(model, **arguments)
    finally:
        rich.console.Console = original
        shutil.get_terminal_size = size
    text = out.getvalue()
    # Neighbouring spans of one style are one span.
    text = re.sub("\x1b\\[0m\x1b\\[1m", "", text)
    write(f"{name}.txt", f"# {MADE_BY}, make.py\n" + text.replace("\x1b", "<ESC>"))


def linear():
    inputs = keras.Input((784,), name="digits")
    x = layers.Dense(64, name="dense_1")(inputs)
    x = layers.Dropout(0.5, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(10, name="predictions")(x), name="mlp")


def branching():
    left = keras.Input((32, 32, 3), name="left")
    right = keras.Input((16,), name="right")
    x = layers.Conv2D(8, 3, name="a_convolution_with_a_long_name")(left)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    y = layers.Dense(8, name="dense")(right)
    y = layers.Dense(8, name="frozen", trainable=False)(y)
    z = layers.Add(name="add")([x, y])
    z = layers.Concatenate(name="concatenate_everything_together")([x, y, z])
    score = layers.Dense(1, name="score")(z)
    label = layers.Dense(3, name="label")(z)
    return keras.Model([left, right], [score, label], name="branching")


def nested():
    def sequential(name, *parts):
        return keras.Sequential([keras.Input((16,)), *parts], name=name)

    encoder = sequential(
        "encoder", layers.Dense(8, name="inner_dense"), layers.Dense(4, name="inner_out")
    )
    deeper = sequential("deeper", encoder, layers.Dense(4, name="after"))
    return sequential("nested", deeper, layers.Dense(2, name="head"))


def states():
    inputs = keras.Input((5, 2), name="seq")
    return keras.Model(inputs, layers.LSTM(4, return_state=True, name="lstm")(inputs), name="multi")


def summaries():
    summary("linear", linear())
    summary("linear_color", linear(), color=True)
    for width in [60, 40, 30]:
        summary(f"linear_{width}", linear(), line_length=width)
    model = linear()
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    summary("linear_optimizer", model)
    summary("branching_108", branching(), line_length=108)
    summary("branching_70", branching(), line_length=70)
    summary("branching_trainable_color", branching(), color=True, show_trainable=True, line_length=120)
    summary("nested", nested())
    summary("nested_expanded_trainable", nested(), expand_nested=True, show_trainable=True, line_length=100)
    summary("unbuilt", keras.Sequential([layers.Dense(3, name="dense")], name="unbuilt"))
    summary("states", states())
    summary("empty", keras.Sequential(name="empty"))


clock = Clock()
progbar.time = clock
progress("progress_keras3.txt", MADE_BY, clock, progbar.Progbar)
wheel = sys.argv[1]
keras2 = os.path.basename(wheel).split("-py")[0].replace("-", " ")
progress("progress_keras2.txt", keras2, clock, keras2_progbar(wheel, clock))
summaries()
