"""Callbacks: what they remember and do for given logs, epoch by epoch."""

import pathlib
import tempfile

import keras
import numpy as np
from makers.notation import number

STOP_OPTIONS = [
    {}, {"patience": 1}, {"patience": 2, "min_delta": 0.03}, {"patience": 2, "min_delta": -0.03}, {"patience": 3, "baseline": 0.85},
    {"patience": 4, "baseline": 0.85, "restore_best_weights": True}, {"patience": 2, "start_from_epoch": 2, "baseline": 0.9},
    {"monitor": "loss", "patience": 1, "restore_best_weights": True}, {"monitor": "loss", "mode": "max", "patience": 1},
    {"monitor": "accuracy", "patience": 2}, {"monitor": "val_accuracy", "patience": 2, "min_delta": 0.05, "restore_best_weights": True},
    {"monitor": "mae", "patience": 2}, {"monitor": "val_mae", "mode": "auto", "patience": 1, "restore_best_weights": True},
    {"monitor": "absent", "mode": "max"}, {"patience": 50, "restore_best_weights": True, "start_from_epoch": 5},
    {"patience": 50, "restore_best_weights": True, "start_from_epoch": 50}, {"monitor": "val_accuracy", "baseline": 1.05, "patience": 2},
]
PLATEAU_OPTIONS = [
    {}, {"patience": 1}, {"patience": 1, "factor": 0.3}, {"patience": 1, "cooldown": 1, "factor": 0.5}, {"patience": 2, "cooldown": 3, "factor": 0.5},
    {"patience": 0, "factor": 0.7, "min_lr": 0.02}, {"patience": 1, "min_delta": 0.08, "factor": 0.9}, {"patience": 1, "min_delta": -0.02, "factor": 0.9},
    {"monitor": "accuracy", "patience": 1, "factor": 0.5}, {"monitor": "val_accuracy", "mode": "min", "patience": 1, "factor": 0.5},
    {"monitor": "val_mae", "patience": 1, "factor": 0.5}, {"monitor": "loss", "mode": "max", "patience": 0, "factor": 0.5, "cooldown": 1},
    {"monitor": "absent", "mode": "min"}, {"patience": 1, "factor": 0.0}, {"patience": 1, "min_lr": 0.5},
]
KEEP_OPTIONS = [
    {"filepath": "all.keras"}, {"filepath": "e{epoch:04d}_{val_accuracy:.1f}_{loss:8.4f}.keras"}, {"filepath": "{epoch}-{loss}.keras"},
    {"filepath": "w.weights.h5", "save_weights_only": True}, {"filepath": "{epoch:>3}x{val_loss:+.3e}.weights.h5", "save_weights_only": True},
    {"filepath": "b{epoch}.keras", "save_best_only": True, "monitor": "val_accuracy"}, {"filepath": "b{epoch}.keras", "save_best_only": True, "monitor": "accuracy", "mode": "max"},
    {"filepath": "b{epoch}.keras", "save_best_only": True, "monitor": "val_accuracy", "mode": "min"}, {"filepath": "b{epoch}.keras", "save_best_only": True, "monitor": "val_mae"},
    {"filepath": "t{epoch}.keras", "save_best_only": True, "initial_value_threshold": 0.85}, {"filepath": "n{epoch}.keras", "monitor": "absent", "mode": "max", "save_best_only": True},
    {"filepath": "t{epoch}.keras", "save_best_only": True, "monitor": "val_accuracy", "mode": "max", "initial_value_threshold": 1.1},
    {"filepath": "{epoch:02d}.keras", "monitor": "absent", "mode": "min"},
]
SCHEDULES = [
    "0.05 / (1 + epoch)", "lr * 0.5 if epoch % 2 == 0 else lr", "0.1 if epoch < 2 else 0.01 if epoch < 5 else 0.001", "lr * 0.7",
    "max(0.01, 0.1 - 0.02 * epoch)", "0.1 * 0.5 ** (epoch // 3)",
]


def model(rate):
    inputs = keras.Input([1])
    made = keras.Model(inputs, keras.layers.Dense(1, use_bias=False)(inputs))
    made.compile(optimizer=keras.optimizers.SGD(rate), loss="mse", metrics=["mae", "accuracy"])
    made.test_on_batch(np.zeros([1, 1]), np.zeros([1, 1]))
    return made


def walk(maker, epochs, value=1.0, up=-1):
    """Numbers that get better, worse, and stay, each step at two decimals or just off them."""
    made = []
    for _ in range(epochs):
        made.append(round(value, 6))
        value += up * float(maker.rng.choice([0.08, 0.03, 0.0, -0.0004, -0.02, -0.05], p=[0.25, 0.25, 0.15, 0.1, 0.15, 0.1]))
    return made


def logs_of(maker, epochs, nan=False):
    loss = walk(maker, epochs)
    accuracy = walk(maker, epochs, 0.9, 1)
    made = [{"loss": a, "accuracy": b, "mae": round(a * 2, 6), "val_loss": round(a - 0.01, 6), "val_accuracy": round(b + 0.1, 6), "val_mae": round(a * 3, 6)}
            for a, b in zip(loss, accuracy)]
    if nan:
        made[1]["val_loss"] = "nan"
    return made


def read(value):
    return float(value) if isinstance(value, str) else value


def written(value):
    """A number as the cases write it: null where it is not known yet, a text where JSON has no sign."""
    if value is None:
        return None
    return str(float(value)) if not np.isfinite(value) else float(value) if isinstance(value, (float, np.floating)) else int(value)


def drive(callbacks, rate, logs, state=()):
    """Tells callbacks of epochs until one of them stops the training."""
    made = model(rate)
    for callback in callbacks:
        callback.set_params({"epochs": len(logs)})
        callback.set_model(made)
        callback.on_train_begin({})
    made.stop_training = False
    trace = []
    for epoch, log in enumerate(logs):
        for callback in callbacks:
            callback.on_epoch_begin(epoch, {})
        during = number(made.optimizer.learning_rate)
        made.set_weights([np.array([[epoch]], np.float32)])
        after = {key: read(value) for key, value in log.items()}
        for callback in callbacks:
            callback.on_epoch_end(epoch, after)
        seen = {"lr_during": during, "lr_after": number(made.optimizer.learning_rate), "logs_after": {k: written(v) for k, v in after.items()}}
        seen["state"] = {key: written(getattr(callbacks[0], key, None)) for key in state}
        trace.append(seen)
        if made.stop_training:
            break
    for callback in callbacks:
        callback.on_train_end({})
    return made, trace


def stop_case(maker, config, nan):
    logs = logs_of(maker, 12, nan)
    stop = keras.callbacks.EarlyStopping(**config)
    made, trace = drive([stop], 0.1, logs, ["wait", "best", "best_epoch"])
    expected = {"epochs_run": len(trace), "stop_training": bool(made.stop_training), "stopped_epoch": stop.stopped_epoch, "best": written(stop.best)}
    expected |= {"best_epoch": stop.best_epoch, "weights_from_epoch": int(made.get_weights()[0][0, 0]), "trace": trace}
    return {"class": "EarlyStopping", "config": config, "logs": logs, "expected": expected}


def plateau_case(maker, config, nan):
    logs = logs_of(maker, 12, nan)
    rate = float(maker.rng.choice([0.1, 0.2, 0.03]))
    made, trace = drive([keras.callbacks.ReduceLROnPlateau(**config)], rate, logs, ["wait", "best", "cooldown_counter"])
    expected = {"lr_per_epoch": [seen["lr_during"] for seen in trace], "final_lr": number(made.optimizer.learning_rate), "trace": trace}
    return {"class": "ReduceLROnPlateau", "config": config, "initial_lr": rate, "logs": logs, "expected": expected}


class Saves:
    """What a checkpoint asks the model to save, instead of saving it."""

    def __init__(self, made):
        self.asked = []
        made.save = lambda path, **_: self.asked.append(["model", pathlib.Path(path).name])
        made.save_weights = lambda path, **_: self.asked.append(["weights", pathlib.Path(path).name])


def keep_case(maker, config, nan):
    logs = logs_of(maker, 10, nan)
    keep = keras.callbacks.ModelCheckpoint(**config)
    made = model(0.1)
    saves, epochs = Saves(made), []
    keep.set_model(made)
    keep.on_train_begin({})
    for epoch, log in enumerate(logs):
        keep.on_epoch_begin(epoch, {})
        before = len(saves.asked)
        keep.on_epoch_end(epoch, {key: read(value) for key, value in log.items()})
        epochs += [epoch] * (len(saves.asked) - before)
    expected = {"saved_epochs": epochs, "saved": saves.asked, "best": written(keep.best)}
    return {"class": "ModelCheckpoint", "config": config, "logs": logs, "expected": expected}


def batches_case(config, steps, epochs):
    keep = keras.callbacks.ModelCheckpoint(**config)
    made = model(0.1)
    saves = Saves(made)
    keep.set_model(made)
    keep.on_train_begin({})
    for epoch in range(epochs):
        keep.on_epoch_begin(epoch, {})
        for batch in range(steps):
            keep.on_train_batch_begin(batch, {})
            keep.on_train_batch_end(batch, {})
        keep.on_epoch_end(epoch, {})
    expected = {"saved": [name for _, name in saves.asked]}
    return {"class": "ModelCheckpoint", "config": config, "steps_per_epoch": steps, "epochs": epochs, "expected": expected}


def schedule_case(maker, schedule):
    rate, epochs = float(maker.rng.choice([0.1, 0.25])), 7
    callback = keras.callbacks.LearningRateScheduler(lambda epoch, lr: float(eval(schedule, {"max": max, "min": min}, {"epoch": epoch, "lr": lr})))
    _, trace = drive([callback], rate, [{"loss": 1.0}] * epochs)
    logged = [number(seen["logs_after"]["learning_rate"]) for seen in trace]
    expected = {"lr_per_epoch": [seen["lr_during"] for seen in trace], "logs_lr": logged}
    return {"class": "LearningRateScheduler", "schedule": schedule, "initial_lr": rate, "epochs": epochs, "expected": expected}


def combined_case(maker, several):
    logs = logs_of(maker, 12)
    made = [getattr(keras.callbacks, one["class"])(**one["config"]) for one in several]
    _, trace = drive(made, 0.2, logs)
    expected = {"epochs_run": len(trace), "lr_per_epoch": [seen["lr_during"] for seen in trace]}
    return {"class": "combined", "callbacks": several, "initial_lr": 0.2, "logs": logs, "expected": expected}


def nan_case(losses):
    callback, made = keras.callbacks.TerminateOnNaN(), model(0.1)
    callback.set_model(made)
    made.stop_training, stopped = False, None
    for batch, loss in enumerate(losses):
        callback.on_train_batch_end(batch, {"loss": read(loss)})
        if made.stop_training:
            stopped = batch
            break
    return {"class": "TerminateOnNaN", "config": {}, "batch_losses": losses, "expected": {"stopped_at_batch": stopped}}


def csv_case(maker, config, logs, runs):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "log.csv"
        for _ in range(runs):
            drive([keras.callbacks.CSVLogger(str(path), **config)], 0.1, logs)
        text = path.read_bytes().decode()
    return {"class": "CSVLogger", "config": config, "logs": logs, "runs": runs, "expected": {"text": text}}


def make(maker):
    for nan in (False, True):
        suffix = "_nan" if nan else ""
        for k, config in enumerate(STOP_OPTIONS):
            maker.add(f"EarlyStopping/{k}{suffix}", lambda: stop_case(maker, config, nan))
        for k, config in enumerate(PLATEAU_OPTIONS):
            maker.add(f"ReduceLROnPlateau/{k}{suffix}", lambda: plateau_case(maker, config, nan))
        for k, config in enumerate(KEEP_OPTIONS):
            maker.add(f"ModelCheckpoint/{k}{suffix}", lambda: keep_case(maker, config, nan))
    for k, (freq, steps, epochs) in enumerate([(1, 2, 2), (4, 3, 4), (5, 2, 6)]):
        for only in (False, True):
            ending = ".weights.h5" if only else ".keras"
            config = {"filepath": "f{epoch}-{batch}" + ending, "save_freq": freq, "save_weights_only": only}
            maker.add(f"ModelCheckpoint/batches_{k}_{only}", lambda: batches_case(config, steps, epochs))
    for k, schedule in enumerate(SCHEDULES):
        maker.add(f"LearningRateScheduler/{k}", lambda: schedule_case(maker, schedule))
    plateau = {"class": "ReduceLROnPlateau", "config": {"factor": 0.5, "patience": 1}}
    stop = {"class": "EarlyStopping", "config": {"monitor": "val_accuracy", "patience": 2, "restore_best_weights": True}}
    for k, several in enumerate([[plateau, stop], [stop, plateau], [plateau, plateau]]):
        maker.add(f"combined/{k}", lambda: combined_case(maker, several))
    for k, losses in enumerate([[0.5, 0.25], ["nan"], [0.1, "-inf", 0.5]]):
        maker.add(f"TerminateOnNaN/{k}", lambda: nan_case(losses))
    for k, config in enumerate([{}, {"separator": "\t"}, {"append": True, "separator": ";"}]):
        for runs in (1, 2):
            maker.add(f"CSVLogger/{k}_{runs}", lambda: csv_case(maker, config, logs_of(maker, 2), runs))
    maker.add("CSVLogger/numbers", lambda: csv_case(maker, {}, [{"loss": 1e-5, "acc": 1e20}, {"loss": "inf", "acc": 123456789.125}, {"acc": -0.1}], 1))
