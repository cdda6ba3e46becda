"""Serves a folder of logs with the real TensorBoard and prints, as JSON, what its pages ask it for.

With a second argument, the program of a Chromium, the page itself is opened too, and its text is in "page".
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

folder, browser = sys.argv[1], sys.argv[2:]
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
address = f"http://127.0.0.1:{port}/"


def ask(path, body=None, **arguments):
    query = "?" + urllib.parse.urlencode(arguments) if arguments else ""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + "data/" + path + query, data)
    if data is not None:
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        # Letters of one byte each, so that the length of binary answers is kept.
        return answer.read().decode("latin-1")


def wait_until_loaded():
    """The server reads the logs in the background; it is done when the last run that there is has its tags."""
    for _ in range(240):
        try:
            tags = json.loads(ask("plugin/scalars/tags"))
            if all("epoch_loss" in tags.get(run, {}) for run in ("train", "validation")):
                return
        except OSError:
            pass
        time.sleep(0.25)
    sys.exit("TensorBoard did not load the logs within a minute")


def page(program):
    """The text of the page once its scripts have run."""
    with tempfile.TemporaryDirectory() as profile:
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--window-size=1400,1600", f"--user-data-dir={profile}", "--timeout=15000"]
        command += ["--virtual-time-budget=15000", "--dump-dom", address + "#timeseries"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
        return done.stdout


server = subprocess.Popen(
    [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--port", str(port), "--load_fast=false"],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
try:
    wait_until_loaded()
    scalars = {}
    for run, tags in json.loads(ask("plugin/scalars/tags")).items():
        for tag in tags:
            points = json.loads(ask("plugin/scalars/scalars", run=run, tag=tag))
            scalars[f"{run} {tag}"] = [[step, value] for _, step, value in points]
    graph = {"run": "train", "limit_attr_size": 1024, "large_attrs_key": "_too_large_attrs"}
    found = {
        "scalars": scalars,
        "histograms": json.loads(ask("plugin/histograms/tags")),
        "images": json.loads(ask("plugin/images/tags")),
        "conceptual graph": ask("plugin/graphs/graph", conceptual="true", tag="keras", **graph),
        "run graph": ask("plugin/graphs/graph", conceptual="false", **graph),
        "projector": json.loads(ask("plugin/projector/info", run=".")),
        "projector tensor": len(ask("plugin/projector/tensor", run=".", name="words/embeddings")),
        "hparams": json.loads(
            ask(
                "plugin/hparams/session_groups",
                {
                    "experimentName": "",
                    "allowedStatuses": ["STATUS_SUCCESS"],
                    "colParams": [],
                    "startIndex": 0,
                    "sliceSize": 10,
                },
            )
        ),
    }
    if browser:
        found["page"] = page(browser[0])
    json.dump(found, sys.stdout)
finally:
    server.terminate()
    server.wait()
