"""The fault matrix, whole: every write, under every fault, with its process killed at every moment of the journal.

    python -m benchmarks.faults [--runs N] [--seed S] [--workers 4] [--machine EXAMPLES]

Each run is a plan that is carried out in a process of its own against the sandbox, a fault on its requests, perhaps a
`kill -9`, and `resume`; then the sandbox's ledger and its answers by key are held against the journal. It prints the
runs by action, by fault and by end, what the journal's entries came to, and a count for each sort of harm: all zero,
or the program exits 1 and names the runs. How far it came goes to standard error, and so does each harm at once.
`--runs` takes a sample of that size instead of the whole. With `--machine` the state machine of the tests plays that
many stories too.
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
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import report
from tests.actions.scenes import BY_NAME, SCENES
from tests.actions.trial import HARMS, Harm, Mishap, attempt, mishaps, needed, staged

A_TOWN = 20
"""Runs on one town: its journal grows, and so does the walk along its chain after each."""
START = "import sys; from benchmarks.faults import main; sys.exit(main())"
"""How a worker is started. Not with `-m`: then every process that is born to be killed would import all of this first,
which takes longer than the run itself."""
TELL_EVERY = 20
"""Runs between two words on how far it came."""


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


class Progress:
    """Tells how far all workers together came."""

    def __init__(self, runs: int) -> None:
        self._of, self._runs, self._harms, self._began = runs, 0, 0, time.perf_counter()

    def add(self, harms: Sequence[Sequence[str]]) -> None:
        """One run more, and what harm it did."""
        self._runs, self._harms = self._runs + 1, self._harms + len(harms)
        for kind, what in harms:
            print(f"{kind}: {what}", file=sys.stderr, flush=True)
        if self._runs % TELL_EVERY == 0 or self._runs == self._of:
            seconds = time.perf_counter() - self._began
            print(f"{self._runs} of {self._of} runs, {self._harms} harms, {seconds:.0f} s", file=sys.stderr, flush=True)


def play(chosen: Sequence[Mishap], tell: Callable[[Sequence[tuple[str, str]]], None]) -> Counts:
    """These runs, on as many towns as they need; `tell` hears of each what harm it did."""
    counts = Counts()
    for start in range(0, len(chosen), A_TOWN):
        part = chosen[start : start + A_TOWN]
        with tempfile.TemporaryDirectory() as folder, staged(Path(folder), needed(part)) as stage:
            for mishap in part:
                harm = Harm()
                attempt(stage, mishap, harm)
                tell(harm.found)
                counts.harms += harm.found
                counts.actions[mishap.scene.name] += 1
                counts.faults[mishap.fault or "none"] += 1
                counts.ends[mishap.end or "lives"] += 1
            counts.entries.update(entry.state.value for entry in stage.entries())
        counts.runs += len(part)
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


def worker(number: int, options: argparse.Namespace) -> None:
    """One process's share: a line of JSON after each run, and its counts as the last one."""
    # The sandbox's server complains of every answer that it breaks off on order.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    chosen = parts(options.seed, options.runs, options.workers)[number]
    counts = play(chosen, lambda harms: print(json.dumps(harms), flush=True))
    print(json.dumps(vars(counts)), flush=True)


def follow(process: subprocess.Popen[str], progress: Progress) -> Mapping[str, Any]:
    """Listen to a worker until it ends; its counts."""
    assert process.stdout is not None
    told: Any = None
    for line in process.stdout:
        told = json.loads(line)
        if isinstance(told, list):
            progress.add(told)
    if process.wait() or not isinstance(told, dict):
        raise SystemExit(f"a worker ended with {process.returncode}")
    return told


def all_workers(options: argparse.Namespace) -> Counts:
    """Start the workers, and add up what they tell."""
    arguments = [sys.executable, "-c", START, "--seed", str(options.seed), "--workers", str(options.workers)]
    arguments += ["--runs", str(options.runs)] if options.runs is not None else []
    started = [
        subprocess.Popen([*arguments, "--worker", str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(options.workers)
    ]
    progress = Progress(sum(map(len, parts(options.seed, options.runs, options.workers))))
    counts = Counts()
    with ThreadPoolExecutor(len(started)) as pool:
        for told in pool.map(lambda process: follow(process, progress), started):
            counts.add(told)
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
