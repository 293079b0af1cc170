"""The fault matrix, whole: every write, under every fault, with its process killed at every moment of the journal.

    python -m benchmarks.faults [--runs N] [--seed S] [--workers 4] [--machine EXAMPLES]

Each run is a plan that is carried out in a process of its own against the sandbox, a fault on its requests, perhaps a
`kill -9`, and `resume`; then the sandbox's ledger and its answers by key are held against the journal. It prints the
runs by action, by fault and by end, what the journal's entries came to, and a count for each sort of harm: all zero,
or the program exits 1 and names the runs. `--runs` takes a sample of that size instead of the whole. With `--machine`
the state machine of the tests plays that many stories as well.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import report
from tests.actions.scenes import BY_NAME, SCENES
from tests.actions.trial import HARMS, Harm, Mishap, attempt, mishaps, needed, staged

A_TOWN = 20
"""Runs on one town: its journal grows, and so does the walk along its chain after each."""


@dataclass
class Counts:
    """What the runs came to."""

    runs: int = 0
    actions: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    harms: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Mapping[str, Any]) -> None:
        """Take another worker's counts in."""
        self.runs += other["runs"]
        self.harms += [(kind, what) for kind, what in other["harms"]]
        for name in ("actions", "faults", "ends", "entries"):
            getattr(self, name).update(other[name])


def play(chosen: Sequence[Mishap]) -> Counts:
    """These runs, on as many towns as they need."""
    counts = Counts()
    for start in range(0, len(chosen), A_TOWN):
        part = chosen[start : start + A_TOWN]
        harm = Harm()
        with tempfile.TemporaryDirectory() as folder, staged(Path(folder), needed(part)) as stage:
            for mishap in part:
                attempt(stage, mishap, harm)
                counts.actions[mishap.scene.name] += 1
                counts.faults[mishap.fault or "none"] += 1
                counts.ends[mishap.end or "lives"] += 1
            counts.entries.update(entry.state.value for entry in stage.entries())
        counts.runs += len(part)
        counts.harms += harm.found
    return counts


def parts(seed: int, runs: int | None, workers: int) -> list[list[Mishap]]:
    """The runs of each worker: those of one scene stand together, so that a town has few scenes."""
    chosen = mishaps(SCENES, seed)
    if runs is not None and runs < len(chosen):
        chosen = random.Random(seed).sample(chosen, runs)  # noqa: S311
        chosen.sort(key=lambda mishap: list(BY_NAME).index(mishap.scene.name))
    return [chosen[number::workers] for number in range(workers)]


def print_counts(counts: Counts, seconds: float, workers: int) -> None:
    """One JSON document a line, the harm last."""
    for name in ("actions", "faults", "ends", "entries"):
        print(json.dumps({"name": f"faults.{name}", **dict(sorted(getattr(counts, name).items()))}), flush=True)
    report("faults.runs", counts.runs, 0.0, workers, seconds=round(seconds, 1))
    harms = Counter(kind for kind, _ in counts.harms)
    print(json.dumps({"name": "faults.harm", **{kind: harms[kind] for kind in HARMS}}), flush=True)
    for kind, what in counts.harms:
        print(f"{kind}: {what}", file=sys.stderr)


def worker(number: int, options: argparse.Namespace) -> None:
    """One process's share; its counts as one line of JSON."""
    # The sandbox's server complains of every answer that it breaks off on order.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    counts = play(parts(options.seed, options.runs, options.workers)[number])
    print(json.dumps(vars(counts)), flush=True)


def all_workers(options: argparse.Namespace) -> Counts:
    """Start the workers, and add up what they tell."""
    arguments = [sys.executable, "-m", "benchmarks.faults", "--seed", str(options.seed)]
    arguments += ["--workers", str(options.workers)]
    arguments += ["--runs", str(options.runs)] if options.runs is not None else []
    started = [
        subprocess.Popen([*arguments, "--worker", str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(options.workers)
    ]
    counts = Counts()
    for process in started:
        told, _ = process.communicate()
        if process.returncode:
            raise SystemExit(f"a worker ended with {process.returncode}")
        counts.add(json.loads(told.splitlines()[-1]))
    return counts


def machine(examples: int, seed: int) -> int:
    """The state machine's stories, as many as asked for; its exit code."""
    arguments = ["-q", "-p", "no:randomly", "tests/actions/test_fault_machine.py", f"--hypothesis-seed={seed}"]
    environment = {**os.environ, "GHL_TRIAGE_STORIES": str(examples)}
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment, check=False).returncode


def main(arguments: Iterable[str] | None = None) -> int:
    """The whole matrix or a sample of it."""
    reader = argparse.ArgumentParser(prog="python -m benchmarks.faults")
    reader.add_argument("--runs", type=int, help="a sample of so many runs; default: the whole matrix")
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--workers", type=int, default=4, help="processes; most of their time they wait")
    reader.add_argument("--machine", type=int, default=0, help="stories of the state machine, after the matrix")
    reader.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = reader.parse_args(list(arguments) if arguments is not None else None)
    if options.worker is not None:
        worker(options.worker, options)
        return 0
    began = time.perf_counter()
    counts = all_workers(options)
    print_counts(counts, time.perf_counter() - began, options.workers)
    broken = machine(options.machine, options.seed) if options.machine else 0
    return 1 if counts.harms or broken else 0


if __name__ == "__main__":
    sys.exit(main())
