"""Seconds to give every case in the store a new verdict, and to reckon the reports from it.

The store is filled by a real sync of the sandbox over HTTP (with 100,000 subscriptions that takes several minutes). The
baseline reads and parses the same records and gives no verdict.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.figures import report
from benchmarks.syncing import HastyClock, database, sync
from benchmarks.worlds import world
from ghl_triage.config import Settings
from ghl_triage.store.reader import Reader
from ghl_triage.store.records import load_records
from ghl_triage.store.writer import CUSTOMERS_AT_ONCE, Writer


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description="Verdicts on a whole store, in seconds.")
    options.add_argument("--subscriptions", type=int, default=100_000)
    asked = options.parse_args()
    with world(asked.subscriptions) as at, tempfile.TemporaryDirectory() as home:
        settings = at.settings(Path(home), rate=0)
        synced = asyncio.run(sync(settings, clock=HastyClock()))
        if synced.progress.failed_parts:
            raise RuntimeError(f"the load failed: {synced.progress.failed_parts}")
        report("load", synced.seconds, 0, 1, objects=synced.progress.objects, requests=synced.progress.requests)
        _verdicts(settings)


def _verdicts(settings: Settings) -> None:
    path, clock = database(settings), HastyClock()
    alone = _records_alone(path)
    with Writer(path) as writer:
        began = perf_counter()
        cases = writer.rediagnose(None, clock.now(), settings.caps)
        seconds = perf_counter() - began
    report("verdicts", seconds, alone, 1, cases=cases, cases_per_second=round(cases / seconds))
    with Reader(path) as reader:
        began = perf_counter()
        trials = sum(1 for _ in reader.trials())
        report("trials_read", perf_counter() - began, 0, 1, trials=trials)


def _records_alone(path: Path) -> float:
    connection = sqlite3.connect(path)
    try:
        began = perf_counter()
        rows = connection.execute("SELECT DISTINCT customer FROM objects WHERE kind = 'subscription'").fetchall()
        customers = [customer for (customer,) in rows if customer]
        for start in range(0, len(customers), CUSTOMERS_AT_ONCE):
            load_records(connection, customers[start : start + CUSTOMERS_AT_ONCE])
        return perf_counter() - began
    finally:
        connection.close()


if __name__ == "__main__":
    main()
