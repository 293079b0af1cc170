"""What a sync leaves behind besides rows: cursors, coverage, the account, its last word."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ghl_triage.errors import StoreForeign
from ghl_triage.model import Coverage, LearnedName, SyncProgress
from ghl_triage.store.connection import as_store_errors, reading

if TYPE_CHECKING:
    from ghl_triage.rights import Rights


@dataclass(frozen=True, slots=True)
class Account:
    """The Stripe account and mode that a file belongs to."""

    id: str
    name: str
    livemode: bool

    @property
    def label(self) -> str:
        """The account and its mode, in words."""
        return f"{self.name or self.id} ({'live' if self.livemode else 'test'} mode)"


class State:
    """The `state` table: one row a name. Reads on any connection; writes inside the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def get(self, key: str) -> str | None:
        """The text under a name."""
        with as_store_errors(self._path):
            row = self._connection.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: str | None) -> None:
        """Set the text under a name; None removes it."""
        if value is None:
            self._connection.execute("DELETE FROM state WHERE key = ?", (key,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (key, value))

    def cursor(self, name: str) -> str | None:
        """How far a list was read."""
        return self.get(f"cursor:{name}")

    def account(self) -> Account | None:
        """The account, once a sync has seen it."""
        text = self.get("account")
        with reading(self._path):
            return Account(**json.loads(text)) if text else None

    def set_account(self, account: Account) -> None:
        """Bind the file to an account and mode. Raises `StoreForeign` where it belongs to another one."""
        known = self.account()
        if known and (known.id, known.livemode) != (account.id, account.livemode):
            raise StoreForeign(
                f"This store belongs to {known.label}, the key to {account.label}.",
                hint="Each account and mode has a file of its own.",
            )
        self.put("account", json.dumps({"id": account.id, "name": account.name, "livemode": account.livemode}))

    def clock_offset(self) -> int:
        """Stripe's clock less this machine's, in seconds."""
        text = self.get("clock_offset")
        with reading(self._path):
            return int(text or 0)

    def coverage(self) -> Coverage:
        """How far back each list was read, of which account, and the names under which verdicts stand."""
        text, account = self.get("coverage"), self.account()
        known = {"learned": self.learned(), "account": account.id if account else None}
        with reading(self._path):
            return Coverage(**(json.loads(text) if text else {}) | known)

    def learned(self) -> tuple[LearnedName, ...]:
        """The consultant's names as they were last taken over from his file."""
        text = self.get("learned")
        if not text:
            return ()
        from ghl_triage.store.codec import load_names

        with reading(self._path):
            return load_names(text)

    def rights(self, key: str) -> Rights:
        """What is known of the rights of a Stripe key; `key` is its fingerprint."""
        from ghl_triage.rights import Rights

        text = self.get(f"rights:{key}")
        with reading(self._path):
            return Rights.from_json(text)

    def lacks_rights(self, key: str) -> bool:
        """Whether a key is known to lack a right: told without the module that knows them, for the first paint."""
        return '"no"' in (self.get(f"rights:{key}") or "")

    def save_rights(self, key: str, rights: Rights) -> None:
        """Keep what is known of a key's rights."""
        self.put(f"rights:{key}", rights.to_json())

    def sync_status(self) -> SyncProgress | None:
        """The last sync's last word."""
        text = self.get("sync_status")
        if not text:
            return None
        from ghl_triage.store.codec import load_progress

        with reading(self._path):
            return load_progress(text)

    def put_json(self, key: str, value: Any) -> None:
        """A data class of the model, as JSON."""
        from ghl_triage.store.codec import dump

        self.put(key, dump(value))
