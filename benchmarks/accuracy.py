"""How many verdicts are right: the cases of a real sync over HTTP against the labels of the sandbox's stories.

A verdict is right where path, stage and cause are those of the label and nothing of it is still to come. One line for
each cause (`none`: stages without one), with what the wrong ones were taken for, and one for all; with `--each-belief`
the line for all under every setting of what Stripe's and HighLevel's documents leave open (docs/beliefs.md).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.syncing import HastyClock, database, sync
from benchmarks.worlds import World, world
from ghl_triage.model import Case
from ghl_triage.sandbox.engine.beliefs import SWITCHES
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader


@dataclass(slots=True)
class Tally:
    """The labels of one cause: how many there are, how many verdicts agree, and what the others say."""

    labelled: int = 0
    right: int = 0
    wrong_as: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description="Verdicts of a sync against the labels of the sandbox.")
    options.add_argument("--customers", type=int, default=1_200, help="how many subscriptions")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--each-belief", action="store_true", help="once more under each setting of each switch")
    asked = options.parse_args()
    tallies = _judge(asked.customers, asked.seed)
    for cause in sorted(tallies):
        _print(tallies[cause], cause=cause)
    _print(_sum(tallies), cause="all", beliefs="default")
    if asked.each_belief:
        for name, values in SWITCHES.items():
            for value in values[1:]:
                setting = f"{name}={value}"
                _print(_sum(_judge(asked.customers, asked.seed, "--belief", setting)), cause="all", beliefs=setting)


def _judge(customers: int, seed: int, *flags: str) -> Mapping[str, Tally]:
    with world(customers, "--world", "default", *flags, seed=seed) as at, tempfile.TemporaryDirectory() as home:
        settings = at.settings(Path(home), rate=0)
        synced = asyncio.run(sync(settings, clock=HastyClock()))
        if synced.progress.failed_parts:
            raise RuntimeError(f"the load failed: {synced.progress.failed_parts}")
        with Reader(database(settings)) as reader:
            cases = reader.cases_of(reader.ids(to_sql(parse("stage:*"), 0), DEFAULT_SORT))
        return _compare({case.subscription: case for case in cases}, at)


def _compare(cases: Mapping[str, Case], at: World) -> Mapping[str, Tally]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    for subscription, label in at.labels().items():
        tally = tallies[label["cause"] or "none"]
        tally.labelled += 1
        case = cases.get(subscription)
        if case is not None and not case.pending and _said(case) == (label["path"], label["stage"], label["cause"]):
            tally.right += 1
        else:
            tally.wrong_as[_name(case, label)] += 1
    return tallies


def _said(case: Case) -> tuple[str, str, str | None]:
    return case.path, case.stage, case.cause


def _name(case: Case | None, label: Mapping[str, Any]) -> str:
    if case is None:
        return f"{label['story']}: no case"
    return f"{label['story']}: {case.path} {case.stage} {case.cause or case.pending or 'none'}"


def _sum(tallies: Mapping[str, Tally]) -> Tally:
    whole = Tally()
    for tally in tallies.values():
        whole.labelled += tally.labelled
        whole.right += tally.right
        whole.wrong_as += tally.wrong_as
    return whole


def _print(tally: Tally, **names: str) -> None:
    line = {"name": "accuracy", **names, "right": tally.right, "labelled": tally.labelled}
    print(json.dumps({**line, "share": round(tally.right / tally.labelled, 4), "wrong_as": tally.wrong_as}), flush=True)


if __name__ == "__main__":
    main()
