"""What one feels at the screen with 100,000 cases: filters, counts and keys, idle and while a sync runs; memory.

Everything is measured from outside, in a pseudo-terminal: from the last key to the bytes of what it asked for. There
is no debounce: each key of a filter asks at once. The baseline of the keys is a DataTable with 100 rows in an empty
app, in turn with ours; of filters and counts it is SQLite alone: the same questions to the same file.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import median, percentile, report
from benchmarks.many_cases import workspace
from benchmarks.syncing import sync
from benchmarks.terminal import Terminal, peak_memory
from benchmarks.worlds import NOWHERE, World, world
from ghl_triage.config import known_database
from ghl_triage.errors import FilterError
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader

NARROWING = ("path:api", "cause:card_expired", "brand:amex", "amount:>200", "u0424", "okafor", "stage:at_risk jane")
"""Filters by the index, by other columns, by text; most rows left, and few. Pasted, so that one change makes all."""
TYPED = ("okafor", "amount:>200", "u0424")
"""The same typed: the questions of the letters before may still be under way at the last one."""
ROUNDS = 5
TYPING, TAPPING = 0.12, 0.15
"""Seconds between two keys."""
KEYS = 20
BLOCKS = 4
CURSOR = "▌".encode()
ALL_CLEAR = "\x15"
"""Ctrl+U empties the filter box: everything is shown again."""
SYNCED_SUBSCRIPTIONS = 3_000
"""Enough for a load that lasts at the default pace until all keys are pressed."""


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        idle = {"STRIPE_API_KEY": "rk_test_bench", "STRIPE_API_BASE": NOWHERE}
        with _app(Path(folder), idle, "acct_bench") as (terminal, reader):
            _filters(terminal, reader)
            _keys(terminal, "idle")
            report("app_peak_megabytes", peak_memory(terminal.pid), _empty_megabytes(), 1)
    with world(SYNCED_SUBSCRIPTIONS) as at, tempfile.TemporaryDirectory() as folder:
        _while_syncing(at, Path(folder))


def _while_syncing(at: World, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as other:
        # The sandbox makes its world when it is first asked for: that must not slow down the sync that is watched.
        asyncio.run(sync(at.settings(Path(other), rate=0)))
    at.reset()
    with _app(folder, at.environment, at.account()) as (terminal, _):
        while at.counters()["total_stripe"] < 10:
            _watch(terminal, 0.1)
        before, began = at.counters()["total_stripe"], time.perf_counter()
        _keys(terminal, "while_syncing")
        pace = (at.counters()["total_stripe"] - before) / (time.perf_counter() - began)
        report("requests_per_second_while_keys_are_pressed", pace, at.settings(folder).rate, 1)
        child = terminal.child()
        assert child is not None
        _until_synced(at, terminal)
        report("app_while_syncing_peak_megabytes", peak_memory(terminal.pid), _empty_megabytes(), 1)
        report("sync_peak_megabytes", peak_memory(child), _empty_megabytes(), 1)


@contextmanager
def _app(home: Path, environment: Mapping[str, str], account: str) -> Iterator[tuple[Terminal, Reader]]:
    """The app on a workspace of 100,000 cases, when it has shown them and is quiet; and a reader of its store."""
    path = known_database(workspace(home, dict(environment), account))
    assert path is not None
    given = {**os.environ, **environment, "GHL_TRIAGE_HOME": str(home), "TZ": "UTC"}
    with Reader(path) as reader, Terminal([sys.executable, "-m", "ghl_triage"], given) as terminal:
        terminal.wait_for(_emails(reader, "", DEPTH)[DEPTH - 1].encode())
        terminal.wait_for(_numbers(reader, "")[0].encode())
        terminal.drain(0.5)
        yield terminal, reader


def _empty_megabytes() -> float:
    with Terminal([sys.executable, "-m", "benchmarks.empty_app", "100"], os.environ) as terminal:
        terminal.wait_for(b"user1@")
        terminal.drain(0.3)
        return peak_memory(terminal.pid)


# Filters

DEPTH = 12
"""The row of a result that is waited for: in sight on any screen of this size, and low enough to stand for the rest."""
SCREEN = 40
"""More rows than are in sight."""


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds from the last key to the rows, and to the rail's counts; and SQLite alone for both."""

    rows: float
    counts: float | None
    sql_rows: float
    sql_counts: float


def _filters(terminal: Terminal, reader: Reader) -> None:
    pasted: dict[str, list[_Times]] = {text: [] for text in NARROWING}
    typed: list[_Times] = []
    wide: list[_Times] = []
    terminal.press("/")
    terminal.drain(0.2)
    for _ in range(ROUNDS):
        for text, times in pasted.items():
            times.append(_change(terminal, reader, f"\x1b[200~{text}\x1b[201~", "", text))
            wide.append(_change(terminal, reader, ALL_CLEAR, text, ""))
        for text in TYPED:
            for key in text[:-1]:
                terminal.press(key)
                _watch(terminal, TYPING)
            typed.append(_change(terminal, reader, text[-1], text[:-1], text))
            wide.append(_change(terminal, reader, ALL_CLEAR, text, ""))
    terminal.press("\r")
    terminal.drain(0.3)
    slowest = max(pasted, key=lambda text: median([each.rows for each in pasted[text]]))
    every = [each for times in pasted.values() for each in times]
    _report("filter_narrowing_ms", every)
    _report("filter_narrowing_slowest_ms", pasted[slowest], filter=slowest)
    _report("filter_typed_ms", typed)
    _report("filter_widening_ms", wide)
    counts, alone = _both([(each.counts, each.sql_counts) for each in (*every, *typed, *wide) if each.counts])
    report("facet_counts_ms", median(counts), median(alone), len(counts), p95=_ms(percentile(counts, 0.95)))


def _report(name: str, times: Sequence[_Times], **more: str) -> None:
    rows, alone = _both([(each.rows, each.sql_rows) for each in times])
    p95, slowest = _ms(percentile(rows, 0.95)), _ms(max(rows))
    report(name, median(rows), median(alone), len(rows), p95=p95, slowest=slowest, **more)


def _both(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Two columns of seconds in milliseconds."""
    return [one * 1000 for one, _ in pairs], [other * 1000 for _, other in pairs]


def _ms(value: float) -> float:
    return round(value, 1)


def _change(terminal: Terminal, reader: Reader, keys: str, before: str, after: str) -> _Times:
    """Press what turns one filter into the other, and watch for what only the second one shows."""
    now = int(time.time())
    before = _readable(before)
    was, wanted = set(_emails(reader, before, SCREEN)), _emails(reader, after, DEPTH)
    shown = [next((each for each in reversed(wanted) if each not in was), wanted[-1])]
    known = {*_numbers(reader, before), f"{reader.totals(to_sql(parse(after), now)).count:,}"}
    shown += [each for each in _numbers(reader, after) if each not in known][:1]
    seconds = terminal.times(keys, *(each.encode() for each in shown))
    terminal.drain(0.3)
    began = time.perf_counter()
    reader.case_rows(reader.ids(to_sql(parse(after), now), DEFAULT_SORT)[:SCREEN])
    listed = time.perf_counter()
    reader.facets(parse(after), now)
    return _Times(seconds[0], seconds[1] if len(seconds) > 1 else None, listed - began, time.perf_counter() - listed)


def _readable(text: str) -> str:
    """A filter, or the longest beginning of it that can be read: its result stays on the screen."""
    while True:
        try:
            parse(text)
        except FilterError:
            text = text[:-1]
        else:
            return text


def _emails(reader: Reader, text: str, count: int) -> list[str]:
    """The e-mails in the first rows of a filter."""
    where = to_sql(parse(text), int(time.time()))
    return [row.email for row in reader.case_rows(reader.ids(where, DEFAULT_SORT, count))]


def _numbers(reader: Reader, text: str) -> list[str]:
    """The larger counts of the rail for a filter, as they are written; only those in sight."""
    facets = reader.facets(parse(text), int(time.time()))
    return [f"{count:,}" for _, count in (*facets.path, *facets.cause[:8]) if count >= 100]


# Keys


def _keys(terminal: Terminal, when: str) -> None:
    """The cursor down through the table, in turn with the DataTable; our answer is the cursor's own mark."""
    ours: list[float] = []
    theirs: list[float] = []
    with Terminal([sys.executable, "-m", "benchmarks.empty_app", "100"], os.environ) as plain:
        plain.wait_for(b"user1@")
        plain.drain(0.5)
        for _ in range(BLOCKS):
            ours += _press(terminal, CURSOR)
            theirs += _press(plain, b"")
            plain.press("\x1b[1;5H")  # ctrl+home
            plain.drain(0.3)
    times, others = [each * 1000 for each in ours], [each * 1000 for each in theirs]
    report(f"cursor_key_{when}_ms", median(times), median(others), len(times))
    report(f"cursor_key_{when}_p95_ms", percentile(times, 0.95), percentile(others, 0.95), len(times))


def _press(terminal: Terminal, answer: bytes) -> list[float]:
    """As when one holds the key, then as when one taps it: the detail pane follows each time."""
    times = []
    for pause in (0.03, TAPPING):
        for _ in range(KEYS):
            times.append(terminal.times("\x1b[B", answer)[0])
            _watch(terminal, pause)
    return times


def _watch(terminal: Terminal, seconds: float) -> None:
    """Read what is printed for so long."""
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        terminal.read(left)


def _until_synced(at: World, terminal: Terminal) -> None:
    """Until the sandbox is asked nothing more for a while."""
    asked = -1
    deadline = time.perf_counter() + 240
    while (count := at.counters()["total_stripe"]) != asked and time.perf_counter() < deadline:
        asked = count
        _watch(terminal, 5.0)


if __name__ == "__main__":
    main()
