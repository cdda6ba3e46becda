#!/usr/bin/env python3
"""Makes crates/hornblende/src/datasets/digits.bin from scikit-learn's copy of the digits.

    python scripts/make_digits.py           # writes the file
    python scripts/make_digits.py --check   # fails if the file in the repository is another one

The layout, the source and the licence of the data are in digits.md beside the file; the SHA-256
stated there is the one that both forms compare with. Needs numpy and scikit-learn.
"""

import argparse
import hashlib
import pathlib
import re
import sys

import numpy as np
from sklearn.datasets import load_digits

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "crates/hornblende/src/datasets"
SAMPLES, PIXELS, DARKEST, CLASSES = 1797, 64, 16, 10


def layout() -> bytes:
    """All pixels, sample by sample and row by row, then all labels; one unsigned byte each."""
    digits = load_digits()
    pixels, labels = digits.data, digits.target
    if pixels.shape != (SAMPLES, PIXELS) or labels.shape != (SAMPLES,):
        sys.exit(f"unexpected shapes: {pixels.shape} pixels, {labels.shape} labels")
    # A byte holds every value only if all are small whole numbers: anything else is another data set.
    if not np.isin(pixels, np.arange(DARKEST + 1)).all() or set(labels) != set(range(CLASSES)):
        sys.exit("unexpected values: pixels must be whole numbers 0..16 and labels 0..9")
    content = pixels.astype(np.uint8).tobytes() + labels.astype(np.uint8).tobytes()
    assert len(content) == SAMPLES * (PIXELS + 1)
    return content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()

    content = layout()
    digest = hashlib.sha256(content).hexdigest()
    stated = re.search(r"`([0-9a-f]{64})`", (FOLDER / "digits.md").read_text())
    file = FOLDER / "digits.bin"
    if not arguments.check:
        file.write_bytes(content)
        print(f"{file}: {len(content)} bytes, SHA-256 {digest}")
    elif file.read_bytes() != content:
        sys.exit(f"{file} differs from scikit-learn's copy")
    if stated is None or stated[1] != digest:
        sys.exit(f"digits.md must state the SHA-256 `{digest}`")


if __name__ == "__main__":
    main()
