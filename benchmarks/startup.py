"""From the start of the process to the first row's bytes in a terminal, with 100,000 cases in the store.

The baseline is the least that a Textual program with a table can take: its header's bytes. Both in turn.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import median, report
from benchmarks.many_cases import workspace
from benchmarks.terminal import Terminal
from benchmarks.worlds import NOWHERE
from ghl_triage.config import known_database
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader

ROUNDS = 9
REST = 0.5
"""Seconds between two starts: what the last one left behind has ended by then."""


def main() -> None:
    """Print the figure."""
    ours, empty = [], []
    with tempfile.TemporaryDirectory() as folder:
        environment = {"STRIPE_API_KEY": "rk_test_bench", "STRIPE_API_BASE": NOWHERE}
        settings = workspace(Path(folder), environment, "acct_bench")
        path = known_database(settings)
        assert path is not None
        with Reader(path) as reader:
            first = reader.case_rows(reader.ids(to_sql(parse(""), 0), DEFAULT_SORT, 1))[0]
        given = {**os.environ, **environment, "GHL_TRIAGE_HOME": folder, "TZ": "UTC"}
        for turn in range(ROUNDS + 1):
            both = (
                _start("benchmarks.empty_app", "0", environment=given, wanted=b"Customer"),
                _start("ghl_triage", environment=given, wanted=first.email.encode()),
            )
            if turn:  # the first turn reads the files from the disk
                empty.append(both[0])
                ours.append(both[1])
    report("start_to_first_row_seconds", median(ours), median(empty), ROUNDS, fastest=min(ours), slowest=max(ours))


def _start(*module: str, environment: dict[str, str], wanted: bytes) -> float:
    with Terminal([sys.executable, "-m", *module], environment) as terminal:
        seconds = terminal.wait_for(wanted)
    time.sleep(REST)
    return seconds


if __name__ == "__main__":
    main()
