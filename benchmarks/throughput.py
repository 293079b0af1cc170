"""Objects written to the store a second by a first load, and how much of the allowed pace it uses.

A second of work is all of it: fetch, parse, split, redact, commit, diagnosis. The baseline fetches and parses the same
pages with the same client and as many at once, and does nothing with them.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

from benchmarks.figures import median, report
from benchmarks.syncing import Synced, database, sync
from benchmarks.worlds import World, world
from ghl_triage.clock import SystemClock
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from ghl_triage.store.reader import Reader
from ghl_triage.sync.concurrency import for_each

SUBSCRIPTIONS = 1_000
ROUNDS = 3
LATENCY = 0.1


def main() -> None:
    """Print the figures."""
    with world(SUBSCRIPTIONS) as at:
        asyncio.run(_speed(at, "objects_per_second"))
        asyncio.run(_pace(at))
    with world(SUBSCRIPTIONS, "--latency", str(LATENCY)) as at:
        asyncio.run(_speed(at, "objects_per_second_100ms"))


async def _speed(at: World, name: str) -> None:
    # The first load makes the sandbox build its world; what it asked for is what the baseline fetches.
    at.reset()
    await _load(at, rate=0)
    # Whether the key may write is asked by requests that cannot happen: they fetch nothing.
    asked = [entry for entry in at.requests("stripe") if entry["method"] == "GET"]
    speeds, alone, apart = [], [], []
    for _ in range(ROUNDS):
        synced, different = await _load(at, rate=0)
        seconds = await _fetch_alone(at, asked)
        speeds.append(synced.progress.objects / synced.seconds)
        alone.append(synced.progress.objects / seconds)
        apart.append((different / synced.seconds, different / seconds))
    report(name, median(speeds), median(alone), ROUNDS, objects=synced.progress.objects, requests=len(asked))
    # An object that stands on several pages is written several times; here it counts once.
    ours, theirs = (median(column) for column in zip(*apart, strict=True))
    report(f"different_{name}", ours, theirs, ROUNDS, objects=different)


async def _pace(at: World) -> None:
    """The share of the requests that the default pace allows, from the first one to the last."""
    with tempfile.TemporaryDirectory() as home:
        allowed = at.settings(Path(home)).rate
    synced, _ = await _load(at, rate=None)
    report("pace_used", synced.pace, allowed, synced.progress.requests, seconds=round(synced.seconds, 1))


async def _load(at: World, *, rate: float | None) -> tuple[Synced, int]:
    """A first load into a new store, and how many different objects lie there then."""
    with tempfile.TemporaryDirectory() as home:
        settings = at.settings(Path(home), rate=rate)
        synced = await sync(settings)
        with Reader(database(settings)) as reader:
            counts = reader.counts()
    if synced.progress.failed_parts:
        raise RuntimeError(f"the load failed: {synced.progress.failed_parts}")
    return synced, sum(count for kind, count in counts.items() if kind not in ("cases", "queue"))


async def _fetch_alone(at: World, asked: Sequence[Mapping[str, Any]]) -> float:
    """Seconds that the same requests take when nothing is done with the answers."""
    stripe = stripe_reader(
        at.environment["STRIPE_API_KEY"], at.environment["STRIPE_API_BASE"], clock=SystemClock(), rate=0
    )
    began = perf_counter()
    try:
        await for_each(asked, lambda entry: _fetch(stripe, entry), at_once=16)
        return perf_counter() - began
    finally:
        await stripe.close()


async def _fetch(stripe: StripeReader, entry: Mapping[str, Any]) -> None:
    await stripe.transport.get(str(entry["path"]), parse_qsl(str(entry["query"])))


if __name__ == "__main__":
    main()
