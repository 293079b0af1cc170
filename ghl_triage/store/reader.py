"""Reads the store: one case and all that belongs to it, what a sync left; lists are in case_lists.py. Cheap to open."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ghl_triage.model import Case, Coverage, Note, Raw, Records, SyncProgress
from ghl_triage.store.case_lists import CaseLists
from ghl_triage.store.connection import OpenFile, connect_reader, reading
from ghl_triage.store.schema import not_there, open_store, stored_version
from ghl_triage.store.state import Account, State
from ghl_triage.store.statements import chunks, marks

if TYPE_CHECKING:
    from ghl_triage.highlevel import HighLevelStranger, HighLevelWorkflow
    from ghl_triage.rights import Rights


class Reader(CaseLists, OpenFile):
    """A read-only view of the store. One thread at a time; open one for each thread."""

    def __init__(self, path: Path) -> None:
        """Raises `StoreError` where there is no store; one of an older program is moved forward first."""
        if stored_version(path) == 0:
            raise not_there(path)
        super().__init__()
        open_store(path)
        self._path = path
        self._connection = connect_reader(path)
        self._state = State(self._connection, path)

    # one case

    def case(self, subscription_id: str) -> Case | None:
        """One case whole."""
        cases = self.cases([subscription_id])
        return cases[0] if cases else None

    def cases(self, subscriptions: Sequence[str]) -> list[Case]:
        """Several cases whole, in the order asked for; one that is gone is left out."""
        from ghl_triage.store.codec import load_case

        found: dict[str, Case] = {}
        for part in chunks(subscriptions):
            rows = self._all(
                f"""SELECT subscription, json FROM cases JOIN case_details USING (row)
                    WHERE subscription IN ({marks(part)})""",  # noqa: S608
                part,
            )
            with reading(self._path):
                found |= {subscription: load_case(text) for subscription, text in rows}
        return [found[each] for each in subscriptions if each in found]

    def cases_of(self, rows: Sequence[int]) -> list[Case]:
        """Several cases whole, by row number."""
        names: dict[int, str] = {}
        for part in chunks(rows):
            names |= dict(self._all(f"SELECT row, subscription FROM cases WHERE row IN ({marks(part)})", part))  # noqa: S608
        return self.cases([names[row] for row in rows if row in names])

    def find(self, text: str) -> list[Case]:
        """The cases that a subscription, customer, invoice, charge or other id, or an e-mail address, belongs to."""
        wanted = text.strip()
        rows = self._all(
            """SELECT subscription FROM cases WHERE subscription = :wanted
                   OR customer = :wanted OR email = :wanted COLLATE NOCASE ORDER BY rank, rank_at, row""",
            {"wanted": wanted},
        )
        if not rows:
            rows = self._all(_FIND_BY_OBJECT, {"wanted": wanted})
        return self.cases([subscription for (subscription,) in rows])

    def records(self, customer_id: str) -> Records:
        """All that the store holds about a customer; empty records for an unknown one."""
        return self.records_of([customer_id])[customer_id]

    def records_of(self, customers: Iterable[str]) -> dict[str, Records]:
        """The same for several customers at once."""
        from ghl_triage.store.records import load_records

        with reading(self._path):
            return load_records(self._connection, customers)

    def notes(self, subscription: str) -> list[Note]:
        """A case's notes, oldest first."""
        rows = self._all("SELECT at, text FROM notes WHERE subscription = ? ORDER BY at, id", (subscription,))
        return [Note(subscription, at, text) for at, text in rows]

    def tags(self, subscription: str) -> list[str]:
        """A case's tags."""
        return [tag for (tag,) in self._all("SELECT tag FROM tags WHERE subscription = ? ORDER BY 1", (subscription,))]

    # raw objects

    def raw(self, object_id: str) -> Raw | None:
        """One object as its API returned it, without secrets and links."""
        from orjson import loads

        text = self._one("SELECT json FROM objects WHERE id = ?", (object_id,))
        with reading(self._path):
            return None if text is None else dict(loads(text))

    def raw_of_case(self, subscription: str) -> list[Raw]:
        """The objects behind a case: the subscription's, and those of its customer that belong to no other one."""
        from orjson import loads

        rows = self._all(_RAW_OF_CASE, {"subscription": subscription})
        with reading(self._path):
            return [dict(loads(text)) for (text,) in rows]

    # HighLevel's side

    def highlevel_strangers(self) -> list[HighLevelStranger]:
        """HighLevel's rows that belong to no case: of the other mode, another provider, unknown in this account."""
        from ghl_triage.store.strangers import strangers

        account = self.account()
        if account is None:
            return []
        with reading(self._path):
            since = self.coverage().subscriptions_since
            return strangers(self._connection, livemode=account.livemode, since=since)

    def highlevel_workflows(self) -> list[HighLevelWorkflow]:
        """The workflows of the location that sells; none where they could not be read."""
        from ghl_triage.store.strangers import workflows

        with reading(self._path):
            return workflows(self._connection)

    # what a sync left; see SyncReads for the rest

    def coverage(self) -> Coverage:
        """How far back each list was read."""
        return self._state.coverage()

    def sync_status(self) -> SyncProgress | None:
        """The last sync's last word."""
        return self._state.sync_status()

    def rights(self, key: str) -> Rights:
        """What is known of the rights of a Stripe key; `key` is its fingerprint."""
        return self._kept(("rights", key), lambda: self._state.rights(key))

    def lacks_rights(self, key: str) -> bool:
        """Whether a key is known to lack a right."""
        return self._state.lacks_rights(key)

    def account(self) -> Account | None:
        """The account that this file belongs to."""
        return self._state.account()

    def clock_offset(self) -> int:
        """Stripe's clock less this machine's, in seconds."""
        return self._state.clock_offset()

    def cursor(self, name: str) -> str | None:
        """How far a list was read, as its reader saved it."""
        return self._state.cursor(name)


_FIND_BY_OBJECT = """
WITH hit AS (SELECT * FROM objects WHERE id = :wanted),
     bill AS (SELECT invoice FROM hit UNION
              SELECT invoice FROM objects WHERE kind = 'invoice_payment' AND customer = (SELECT customer FROM hit)
                AND payment_intent IN (SELECT id FROM hit UNION SELECT payment_intent FROM hit)),
     named AS (SELECT subscription FROM hit WHERE subscription IS NOT NULL UNION
               SELECT subscription FROM objects WHERE id IN bill AND subscription IS NOT NULL)
SELECT subscription FROM cases
WHERE subscription IN named
   OR (NOT EXISTS (SELECT 1 FROM named) AND customer = (SELECT customer FROM hit))
ORDER BY rank, rank_at, row
"""

_RAW_OF_CASE = """
WITH mine AS (SELECT * FROM objects WHERE kind <> 'event'
                AND customer = (SELECT customer FROM cases WHERE subscription = :subscription)),
     bills AS (SELECT id FROM mine WHERE kind = 'invoice' AND subscription = :subscription),
     payments AS (SELECT * FROM mine WHERE kind = 'invoice_payment' AND invoice IN bills),
     intents AS (SELECT payment_intent FROM payments WHERE payment_intent IS NOT NULL)
SELECT json FROM mine
WHERE id = :subscription OR subscription = :subscription OR id IN bills OR id IN (SELECT id FROM payments)
   OR id IN intents OR payment_intent IN intents OR invoice IN bills
   OR (subscription IS NULL AND kind IN
       ('customer', 'payment_method', 'card', 'source', 'bank_account', 'setup_intent', 'setup_attempt', 'mandate'))
ORDER BY id <> :subscription, kind, created DESC, id
"""
