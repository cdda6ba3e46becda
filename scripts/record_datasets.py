"""Records what tf.data makes of pipelines that tests/datasets.rs builds too, and files that it writes.

    python scripts/record_datasets.py crates/hornblende/tests/golden/data

Recorded with TensorFlow 2.x and NumPy; nothing is random.
"""

import csv
import gzip
import json
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

ragged = lambda: tf.data.Dataset.range(1, 8).map(lambda k: tf.fill([k % 4], k))
rows = lambda n: tf.data.Dataset.range(n)


def windows(n, size, shift, stride, drop):
    made = rows(n).window(size, shift, stride, drop)
    return made.flat_map(lambda window: window.batch(size))


def turns(cycle, block):
    lines = lambda k: tf.data.Dataset.from_tensors(k).repeat(k)
    return rows(6).interleave(lines, cycle_length=cycle, block_length=block, num_parallel_calls=None)


def cases():
    for n, size, shift, stride, drop in [
        (7, 3, 3, 1, False), (7, 3, 1, 1, True), (7, 3, 1, 1, False), (7, 3, 2, 2, False),
        (7, 3, 2, 2, True), (10, 2, 5, 1, False), (10, 2, 5, 3, True), (3, 5, 1, 1, False), (3, 5, 1, 1, True),
    ]:
        yield f"window {n} {size} {shift} {stride} {int(drop)}", windows(n, size, shift, stride, drop)
    for cycle, block in [(1, 1), (2, 1), (3, 2), (2, 4), (9, 1)]:
        yield f"interleave {cycle} {block}", turns(cycle, block)
    yield "padded_batch", ragged().padded_batch(3)
    yield "padded_batch shape", ragged().padded_batch(2, padded_shapes=[5])
    yield "padded_batch value", ragged().padded_batch(
        4, padding_values=tf.constant(-1, tf.int64), drop_remainder=True)
    yield "batch", rows(7).batch(3)
    yield "batch drop", rows(7).batch(3, drop_remainder=True)
    yield "unbatch", rows(7).batch(3).unbatch()
    yield "shard", rows(11).shard(4, 2)
    yield "batch of batches", rows(9).batch(2).batch(2, drop_remainder=True)
    yield "repeat across batches", rows(5).repeat(2).batch(3)
    yield "batches repeated", rows(5).batch(3).repeat(2)
    yield "skip take concatenate", rows(9).skip(7).concatenate(rows(9).take(2))
    yield "filter batch", rows(20).filter(lambda k: k % 3 == 1).batch(4)
    yield "enumerate", rows(3).map(lambda k: k * 10).enumerate()
    yield "zip", tf.data.Dataset.zip((rows(3), rows(9).batch(2)))
    yield "take_while", rows(9).take_while(lambda k: k < 4)
    yield "cache repeat", rows(3).cache().repeat(2)


def plain(element):
    if isinstance(element, tuple):
        return [plain(part) for part in element]
    return element.numpy().tolist()


def write_files(folder):
    np.savez(folder / "arrays.npz.bin", x=np.arange(12, dtype=np.float32).reshape(4, 3), y=np.arange(4))
    (folder / "arrays.npz.bin.npz").rename(folder / "arrays.npz.bin")
    with open(folder / "table.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["width", "note, quoted", "height", "species"])
        writer.writerow([1.5, 'says "go"', 2, "daisy"])
        writer.writerow([-3, "two\nlines", 1e-3, "rose"])
        writer.writerow(["", "", 4, "daisy"])
    images = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    header = bytes([0, 0, 8, 3]) + np.array(images.shape, ">u4").tobytes()
    (folder / "images.idx.gz").write_bytes(gzip.compress(header + images.tobytes(), mtime=0))
    with tf.io.TFRecordWriter(str(folder / "examples.tfrecord")) as writer:
        for k in range(3):
            feature = {
                "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[f"row {k}".encode()])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[k - 1])),
                "pixels": tf.train.Feature(float_list=tf.train.FloatList(value=[k, k + 0.5])),
            }
            example = tf.train.Example(features=tf.train.Features(feature=feature))
            writer.write(example.SerializeToString())
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    with tf.io.TFRecordWriter(str(folder / "compressed.tfrecord.gz"), options) as writer:
        writer.write(b"one")
        writer.write(b"")


folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
made = {name: [plain(element) for element in dataset] for name, dataset in cases()}
lines = [f"  {json.dumps(name)}: {json.dumps(elements)}" for name, elements in made.items()]
(folder / "pipelines.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
write_files(folder)
