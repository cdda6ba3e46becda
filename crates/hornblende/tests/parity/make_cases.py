#!/usr/bin/env python3
"""Writes cases for the test `parity` with the real Keras.

    KERAS_BACKEND=tensorflow python make_cases.py FOLDER [--seed 1] [--smallest] [FAMILY ...]

Each family is a table in `makers/FAMILY.py`, which a new class or option extends by a line; some have a second table
under a name of its own, such as `layers_of_images_and_sound`. The seed
changes numbers and sizes. `--smallest` keeps the shortest case of each class: so `cases/smallest_FAMILY.json` were made;
those of layers and optimizers with `--new` too, which leaves out classes that other files of the folder have.
`cases/layers_of_images_and_sound.json` has the shorter ones of its cases.
Where a shared case of the class is shorter still, or the family is `fit`, the shared one is kept there.
"""

import argparse
import importlib
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

FAMILIES = [
    "losses", "metrics", "optimizers", "schedules", "layers", "layers_of_images_and_sound", "regularizers_constraints",
    "initializers", "fit", "callbacks",
]


def smallest(cases):
    """The shortest case of each class, edges aside, in the order of the classes."""
    best = {}
    for case in cases:
        if "edge" in case["id"]:
            continue
        kind = case.get("class") or case.get("kind") or "fit"
        length = len(json.dumps(case))
        if kind not in best or length < best[kind][0]:
            best[kind] = (length, case)
    return [case for _, case in best.values()]


def known(folder, family):
    """The classes of a family in the files of the folder, the smallest cases aside."""
    paths = [path for path in folder.glob("*.json") if not path.name.startswith("smallest_")]
    files = [json.loads(path.read_text()) for path in paths]
    return {case.get("class") for file in files if file["family"] == family for case in file["cases"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("families", nargs="*", choices=FAMILIES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smallest", action="store_true")
    parser.add_argument("--new", action="store_true")
    arguments = parser.parse_intermixed_args()
    import keras
    import tensorflow as tf
    from makers.notation import Maker

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for family in arguments.families or FAMILIES:
        maker = Maker(family, arguments.seed)
        module = importlib.import_module(f"makers.{family}")
        module.make(maker)
        there = known(arguments.folder, family) if arguments.new else set()
        cases = [case for case in maker.cases if case.get("class") not in there]
        cases = smallest(cases) if arguments.smallest else cases
        head = {"family": getattr(module, "FAMILY", family), "seed": arguments.seed, "keras": keras.__version__}
        head |= {"tensorflow": tf.__version__, "count": len(cases)}
        lines = ",\n".join(json.dumps(case) for case in cases)
        text = json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
        name = f"smallest_{family}.json" if arguments.smallest else f"{family}.json"
        (arguments.folder / name).write_text(text)
        print(f"{family}: {len(cases)} cases, {len(maker.refused)} refused by Keras")
        for line in maker.refused:
            print("  refused", line)


if __name__ == "__main__":
    main()
