"""Bad days: a sandbox in which every list and look-up meets a fault, or at which a sync is killed; and what it left."""

from __future__ import annotations

import os
import random
import re
import sqlite3
import subprocess
import sys
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from ghl_triage.errors import RateLimited, Unreachable
from ghl_triage.sandbox.http import wire
from ghl_triage.sandbox.http.faults import Fault, FaultGate, Faults
from ghl_triage.secrets.handing import inheritance
from tests.sync.conftest import Desk

AT_ONCE = ("429", "429-no-reason", "lock", "500", "502-html", "reset", "reset-mid-body", "truncated", "half-json")
KINDS = (*AT_ONCE, "timeout-before", "timeout-after")
"""What may befall a request that only reads; for the last two somebody has to wait."""
_TIMES = (1, 2, 4, 9)
"""How often: within what one request tries again by itself, and beyond that."""
_ID = re.compile(r"(?<=/)(?=[^/]*[0-9A-Z])[A-Za-z0-9_]{5,}(?=/|$)")
_TELLING = ("status", "delivery_success", "types[0]")
"""Parameters that tell lists of one path apart."""
_ANSWERS_WITHIN = 60.0


@dataclass(slots=True)
class Day:
    """What befalls the requests from now on. `shift` turns the kinds: over all shifts every request meets every kind.

    `down` is what fails all day. `ends_at` is the number of the request at which `reached` is set; `holds`: it is never
    answered.
    """

    seed: int | None = None
    shift: int = 0
    kinds: Sequence[str] = KINDS
    down: str = ""
    ends_at: int | None = None
    holds: bool = False
    count: int = 0
    struck: set[tuple[str, str]] = field(default_factory=set)
    reached: threading.Event = field(default_factory=threading.Event)
    _left: dict[str, int] = field(default_factory=dict)

    def fault(self, request: str) -> str | None:
        """The kind that strikes this request."""
        if self.down and self.down in request:
            return "500"
        if self.seed is None:
            return None
        kind = self.kinds[(zlib.crc32(request.encode()) + self.shift) % len(self.kinds)]
        times = _TIMES if kind in AT_ONCE else _TIMES[:2]
        left = self._left.setdefault(request, random.Random(f"{self.seed} {request}").choice(times))  # noqa: S311
        if left == 0:
            return None
        self._left[request] = left - 1
        self.struck.add((request, kind))
        return kind

    def is_over(self) -> bool:
        """Count one request; whether it is the last one that this day sees."""
        self.count += 1
        if self.count != self.ends_at:
            return False
        self.reached.set()
        return self.holds


class Weather:
    """Stands before the whole sandbox; `days` has one entry, the day that is now."""

    def __init__(self, app: ASGIApp, days: list[Day]) -> None:
        self._app = app
        self._days = days

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self._app(scope, receive, send)
            return
        (day,) = self._days
        if day.is_over():
            await wire.hang(receive)
            return
        kind = day.fault(_request(scope))
        orders = [Fault(re.compile(""), kind)] if kind else []
        await FaultGate(self._app, Faults(0, orders), lambda *_: None)(scope, receive, send)


def _request(scope: Scope) -> str:
    """A request as it is told apart from others: ids are all alike."""
    query = dict(parse_qsl(scope["query_string"].decode()))
    told = [f"{name}={query[name]}" for name in _TELLING if name in query]
    return " ".join([scope["method"], _ID.sub("{id}", scope["path"]), *told])


def kill_at_the_end_of(day: Day, desk: Desk) -> bool:
    """Sync in a process of its own, and kill it at the day's last request; False where it was done before."""
    command = [sys.executable, "-m", "ghl_triage", "--rate", "0", "sync", "--json"]
    with inheritance(desk.settings, os.environ) as inherited:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=inherited.environment,
            pass_fds=inherited.descriptors,
        )

    def wait() -> None:
        process.wait()
        day.reached.set()

    ended = threading.Thread(target=wait)
    ended.start()
    assert day.reached.wait(_ANSWERS_WITHIN), "the sync hangs"
    process.kill()
    ended.join()
    return process.returncode < 0


async def finish(desk: Desk) -> None:
    """Sync until it says that all was read."""
    said: object = None
    for _ in range(15):
        try:
            progress = await desk.sync()
        except (RateLimited, Unreachable) as fault:
            said = fault
            continue
        said = [(part.name, part.error) for part in progress.failed_parts]
        if not said:
            return
    raise AssertionError(said)


_QUERIES = {
    "object": "SELECT id, kind, customer, deleted, json FROM objects",
    "case": "SELECT subscription, cases.*, json FROM cases JOIN case_details USING (row)",
    "trial": "SELECT subscription, trials.* FROM trials",
    "signature": """SELECT subscription, s.path, s.confidence, application, metadata, description, signatures.price
        FROM signatures_of_cases AS s JOIN cases USING (row) JOIN signatures ON signatures.id = signature""",
    "want": "SELECT subscription, wants.* FROM wants",
    "look-up": "SELECT kind || ' ' || id FROM lookups",
}


def rows(path: Path) -> dict[str, Any]:
    """All that a finished sync left, by kind and id, without numbers of rows and times of reading."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        found = {
            f"{name} {row[0]}": _without_number(name, row)
            for name, query in _QUERIES.items()
            for row in connection.execute(query)
        }
        ((coverage,),) = connection.execute("SELECT value FROM state WHERE key = 'coverage'")
    finally:
        connection.close()
    return {**found, **{f"coverage {key}": value for key, value in orjson.loads(coverage).items()}}


def _without_number(name: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row if name != "case" else (row[0], *row[2:])


def unlike(found: dict[str, Any], expected: dict[str, Any]) -> list[str]:
    """What differs, by name. To have looked up more is no difference, nor are two moments close to each other."""
    names = sorted(found.keys() | expected.keys())
    return [name for name in names if not _same(name, found.get(name), expected.get(name))]


def _same(name: str, one: Any, other: Any) -> bool:
    if name.startswith("look-up"):
        return one is not None
    if name.startswith("coverage") and isinstance(one, int) and isinstance(other, int) and one > 1:
        return abs(one - other) <= _ANSWERS_WITHIN
    return bool(one == other)
