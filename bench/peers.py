#!/usr/bin/env python3
"""Runs the same work on Hornblende and on its peers, in turn, and prints ratios.

    python bench/peers.py --setup                  # makes bench/.venv, once
    python bench/peers.py                          # everything, three rounds
    python bench/peers.py --only mlp,hornblende,jax --rounds 5 --threads 1
    python bench/peers.py --one jax mlp            # one JSON line

This file needs the standard library only; the peers run under bench/.venv, or under the
interpreter that HORNBLENDE_BENCH_PYTHON names. See README.md beside it.
"""

import argparse
import importlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
OURS = "hornblende"
# Each peer: the module that runs it, what it is told, and the environment it needs.
PEERS = {
    "keras-tensorflow": ("with_keras", {}, {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}),
    "keras-jax": ("with_keras", {}, {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}),
    "jax": ("with_jax", {}, {"JAX_PLATFORMS": "cpu"}),
    "torch": ("with_torch", {}, {}),
    "torch-compile": ("with_torch", {"compiled": True}, {}),
}
WORKLOADS = ["mlp", "cnn", "wide", "convnet", "predict-mlp", "predict-cnn"]
THREAD_VARIABLES = ["HORNBLENDE_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
TIME_LIMIT_S = 1800


def main() -> int:
    arguments = parse()
    if arguments.setup:
        return setup()
    if arguments.one:
        try:
            print(json.dumps(one(*arguments.one, arguments.threads)))
        except RuntimeError as error:
            sys.exit(f"{' '.join(arguments.one)}: {error}")
        return 0
    columns, rows = chosen(arguments.only)
    if columns != [OURS]:
        interpreter()  # Say at once if there is none, not after the first round.
    if OURS in columns:
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "hornblende-bench"], check=True, cwd=HERE)
    results, failures = run_rounds(columns, rows, arguments.rounds, arguments.threads)
    print(report(results, columns, rows, arguments.rounds, arguments.threads))
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if failures else 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--setup", action="store_true", help="make bench/.venv and leave")
    parser.add_argument("--one", nargs=2, metavar=("PEER", "WORKLOAD"), help="run one, print its JSON line")
    parser.add_argument("--rounds", type=positive, default=3, help="how often each peer has its turn (3)")
    parser.add_argument("--threads", type=positive, default=processors(), help="threads for each (all)")
    parser.add_argument("--only", type=names, default=[], metavar="NAME,...", help="some peers or workloads")
    arguments = parser.parse_args()
    if arguments.one and (arguments.one[0] not in [OURS, *PEERS] or arguments.one[1] not in WORKLOADS):
        parser.error(f"--one takes a peer ({', '.join([OURS, *PEERS])}) and a workload ({', '.join(WORKLOADS)})")
    return arguments


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def names(text: str) -> list[str]:
    known = [OURS, *PEERS, *WORKLOADS]
    unknown = [name for name in text.split(",") if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    return text.split(",")


def chosen(only: list[str]) -> tuple[list[str], list[str]]:
    """The peers and the workloads to run: all of a kind of which none is named."""
    columns = [name for name in [OURS, *PEERS] if name in only]
    rows = [name for name in WORKLOADS if name in only]
    return columns or [OURS, *PEERS], rows or WORKLOADS


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def interpreter() -> str:
    """The Python that has the peers; leaves with a message if there is none."""
    path = os.environ.get("HORNBLENDE_BENCH_PYTHON") or str(HERE / ".venv/bin/python")
    if shutil.which(path) is None:
        sys.exit(f"{path} is not there: run --setup once, or set HORNBLENDE_BENCH_PYTHON")
    return path


def setup() -> int:
    venv.create(HERE / ".venv", with_pip=True)
    install = ["-m", "pip", "install", "--requirement", str(HERE / "requirements.txt")]
    return subprocess.run([str(HERE / ".venv/bin/python"), *install]).returncode


def one(peer: str, workload: str, threads: int) -> dict:
    """The line of one peer, measured here if this process has the interpreter and environment for it."""
    if os.environ.get("HORNBLENDE_BENCH_PEER") == peer:
        return measure_here(peer, workload, threads)
    return measure_in_child(peer, workload, threads)


def measure_here(peer: str, workload: str, threads: int) -> dict:
    module, options, _ = PEERS[peer]
    workloads = importlib.import_module("peer.workloads")
    work = workloads.WORKLOADS[workload]
    epoch = importlib.import_module(f"peer.{module}").epoch(work, threads, **options)
    return {"peer": peer, "workload": workload, **workloads.measure(work, epoch)}


def measure_in_child(peer: str, workload: str, threads: int) -> dict:
    """The line of a process of its own, so that no peer inherits another's memory or threads."""
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    if peer == OURS:
        command = ["cargo", "run", "--release", "--quiet", "-p", "hornblende-bench", "--", workload]
    else:
        environment |= PEERS[peer][2] | {"HORNBLENDE_BENCH_PEER": peer}
        command = [interpreter(), str(HERE / "peers.py"), "--one", peer, workload, "--threads", str(threads)]
    # XLA has no setting for its threads: it counts the processors that the process may use.
    bind = None
    if hasattr(os, "sched_setaffinity") and threads < processors():
        allowed = sorted(os.sched_getaffinity(0))[:threads]
        bind = lambda: os.sched_setaffinity(0, allowed)  # noqa: E731
    done = subprocess.run(
        command, env=environment, cwd=HERE, preexec_fn=bind, capture_output=True, text=True, timeout=TIME_LIMIT_S
    )
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"exit status {done.returncode}, no line of JSON\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def run_rounds(columns: list[str], rows: list[str], rounds: int, threads: int) -> tuple[dict, list[str]]:
    """Every workload on every peer, peers in turn; each round starts with another peer."""
    results: dict[tuple[str, str], list[dict]] = {}
    failures: dict[tuple[str, str], str] = {}
    for turn in range(rounds):
        for row in rows:
            first = turn % len(columns)
            for column in columns[first:] + columns[:first]:
                if (column, row) in failures:
                    continue
                try:
                    line = measure_in_child(column, row, threads)
                except (RuntimeError, ValueError, OSError, subprocess.TimeoutExpired) as error:
                    failures[column, row] = f"{column} {row}: {error}"
                    continue
                print(json.dumps(line), file=sys.stderr)
                results.setdefault((column, row), []).append(line)
    return results, list(failures.values())


def report(results: dict, columns: list[str], rows: list[str], rounds: int, threads: int) -> str:
    """Times, ratios and memory as Markdown tables."""
    times = {key: statistics.median(line["ms_per_step"] for line in lines) for key, lines in results.items()}
    # Not every system tells a process how much memory it used.
    peaks = {key: [line["peak_rss_mb"] for line in lines] for key, lines in results.items()}
    memory = {key: max(peak) for key, peak in peaks.items() if None not in peak}
    fastest = {
        row: min((times[peer, row] for peer in columns if peer != OURS and (peer, row) in times), default=None)
        for row in rows
    }
    ratios = {(peer, row): time / fastest[row] for (peer, row), time in times.items() if fastest[row]}
    what = f"{threads} thread{'s' * (threads != 1)}, median of {rounds} round{'s' * (rounds != 1)}"
    return "\n\n".join(
        [
            table(f"ms per step ({what})", times, columns, rows, "{:.3g}"),
            table("time as a ratio to the fastest peer's, Hornblende not counted as one", ratios, columns, rows, "{:.2f}"),
            table("peak memory of the process, MiB", memory, columns, rows, "{:.0f}"),
        ]
    )


def table(title: str, cells: dict, columns: list[str], rows: list[str], form: str) -> str:
    lines = [f"**{title}**", "", "| | " + " | ".join(columns) + " |", "|---" + "|---:" * len(columns) + "|"]
    for row in rows:
        texts = [form.format(cells[column, row]) if (column, row) in cells else "-" for column in columns]
        lines.append(f"| {row} | " + " | ".join(texts) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
