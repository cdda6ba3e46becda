"""What TensorBoard's own reader finds in the folders of a run, as JSON: {run: {tag: [plugin, [[step, value], ...]]}}.

A curve's value is its number, any other value the shape of its tensor.
"""

import json
import os
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.util import tensor_util

found = {}
for folder, _, files in os.walk(sys.argv[1]):
    if not any("tfevents" in name for name in files):
        continue
    accumulator = event_accumulator.EventAccumulator(folder, size_guidance={"tensors": 0})
    accumulator.Reload()
    run = found.setdefault(os.path.relpath(folder, sys.argv[1]), {})
    for tag in accumulator.Tags()["tensors"]:
        plugin = accumulator.SummaryMetadata(tag).plugin_data.plugin_name
        points = []
        for event in accumulator.Tensors(tag):
            array = tensor_util.make_ndarray(event.tensor_proto)
            points.append([event.step, float(array) if plugin == "scalars" else list(array.shape)])
        run[tag] = [plugin, points]
    if accumulator.Tags()["graph"]:
        # The reader has parsed the graph; only how many operations there are is of interest.
        run["<graph>"] = ["graph", [[0, len(accumulator.Graph().node)]]]
json.dump(found, sys.stdout)
