"""What was made at Stripe and has to go again: on disk before it is asked for, so that no kill leaves anything behind.

One JSON object a line: `ask` with the request and its idempotency key, `made` with the id, `gone`. What is made bears
its key, in its name or metadata: where the outcome of a request is unknown, and Stripe has forgotten the key by now, it
is found by that. Where nothing is found the request is sent once more with its key: Stripe then names what it made, or
makes it now.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ghl_triage.sandbox.verify.client import HOPELESS, Client, Refused

CLOCKS = "/v1/test_helpers/test_clocks"
_NEWEST_FIRST = (CLOCKS, "/v1/prices", "/v1/products")
_MARK = "ghl_triage_verify"


class Busy(Exception):
    """Another run on this machine uses what the ledger names."""


@contextmanager
def alone(ledger: Path) -> Iterator[None]:
    """Keeps other runs off this ledger: to them, what this one uses would look left over. Raises Busy."""
    ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(ledger.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("another run is under way: wait for its end, or stop it") from None
        yield
    finally:
        os.close(handle)


@dataclass(slots=True)
class Entry:
    """One thing: the request that made it, and its id once that is known."""

    account: str
    path: str
    params: Mapping[str, Any]
    key: str
    made: str | None = None


class Ledger:
    """The file of one machine. Lines of other accounts are kept and left alone."""

    def __init__(self, path: Path, account: str) -> None:
        self._path = path
        self._account = account
        self._entries = read(path)

    def make(self, stripe: Client, path: str, params: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Asks Stripe for something that has to go again."""
        mark = {"name": key} if path == CLOCKS else {"metadata": {_MARK: key}}
        entry = self._entries[key] = Entry(self._account, path, {**params, **mark}, key)
        self._write({"ask": key, "account": self._account, "path": path, "params": entry.params})
        return self._ask(stripe, entry)

    def _ask(self, stripe: Client, entry: Entry) -> dict[str, Any]:
        try:
            made = stripe.send("POST", entry.path, entry.params, entry.key)
        except Refused:
            self._gone(entry)
            raise
        entry.made = str(made["id"])
        self._write({"made": entry.made, "ask": entry.key})
        return made

    def mine(self) -> list[Entry]:
        """What this account still has of ours, what depends on others first."""
        mine = [entry for entry in self._entries.values() if entry.account == self._account]
        return sorted(mine, key=lambda entry: _NEWEST_FIRST.index(entry.path))

    def of(self, made: str) -> Entry:
        """The entry of what has this id."""
        return next(entry for entry in self.mine() if entry.made == made)

    def others(self) -> int:
        """How many things of other accounts the file names."""
        return len(self._entries) - len(self.mine())

    def clean(self, stripe: Client) -> int:
        """Removes all that is left in this account; returns how many things that were. What Stripe will not let go
        stays in the ledger, and keeps nothing else there.
        """
        left = self.mine()
        for entry in left:
            try:
                self.remove(stripe, entry)
            except Refused as refusal:
                if refusal.status in HOPELESS:
                    raise
        return len(left) - len(self.mine())

    def remove(self, stripe: Client, entry: Entry) -> None:
        """Deletes a test clock with its customers; archives a price or product, which Stripe never deletes."""
        if entry.made is None:
            entry.made = _found(stripe, entry)
        if entry.made is None:
            with suppress(Refused):
                self._ask(stripe, entry)
        if entry.made is None:
            return
        address = f"{entry.path}/{entry.made}"
        try:
            if entry.path == CLOCKS:
                stripe.send("DELETE", address, {})
            else:
                stripe.send("POST", address, {"active": False}, f"{entry.key}-archive")
        except Refused as refusal:
            if refusal.status != 404:
                raise
        self._gone(entry)

    def _gone(self, entry: Entry) -> None:
        self._entries.pop(entry.key, None)
        self._write({"gone": entry.key})
        if not read(self._path):
            self._path.unlink(missing_ok=True)

    def _write(self, line: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, json.dumps(line).encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)


def _found(stripe: Client, entry: Entry) -> str | None:
    """The id of what bears the key of this entry."""
    for each in stripe.pages(entry.path, {}):
        if entry.key in (each.get("name"), (each.get("metadata") or {}).get(_MARK)):
            return str(each["id"])
    return None


def read(path: Path) -> dict[str, Entry]:
    """What the file says is left, by idempotency key. A line that was cut off by a kill names nothing."""
    left: dict[str, Entry] = {}
    if not path.exists():
        return left
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if "path" in line:
            left[line["ask"]] = Entry(line["account"], line["path"], line["params"], line["ask"])
        elif "made" in line and line["ask"] in left:
            left[line["ask"]].made = line["made"]
        elif "gone" in line:
            left.pop(line["gone"], None)
    return left
