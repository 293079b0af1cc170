"""What HighLevel's API shows: the stories' records beside Stripe's state of the moment."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import overload

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.stories.highlevel import Record
from ghl_triage.sandbox.world import agency_rows
from ghl_triage.sandbox.world import highlevel_rows as rows
from ghl_triage.sandbox.world.api import Row, RowKind
from ghl_triage.sandbox.world.cells import Cells
from ghl_triage.sandbox.world.people import cell_of_email

_CELL_BITS, _TURN_BITS = 20, 8
_CELL_MASK, _TURN_MASK = (1 << _CELL_BITS) - 1, (1 << _TURN_BITS) - 1
_SHORT_IDS = frozenset({"contact", "saas_location"})
"""Kinds whose ids are twenty letters and digits; the others' are hexadecimal."""


class LazyRows(Sequence[Row]):
    """Rows that are made when they are looked at."""

    def __init__(self, keys: Sequence[int], make: Callable[[int], Row]) -> None:
        self._keys, self._make = keys, make

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return [self._make(key) for key in self._keys[place]]
        return self._make(self._keys[place])


class HighLevel:
    """See `HighLevelSide` in the world's contract."""

    def __init__(self, cells: Cells, engine: Engine, setting: rows.Account) -> None:
        self._cells, self._engine, self._account = cells, engine, setting
        self.location_id, self.company_id = setting.location, setting.company
        self.application = setting.application
        self._keys: dict[str, array[int]] = {}
        self.company_account = setting.stripe_account
        """The Stripe account that the agency is connected to."""

    def rows(
        self,
        kind: RowKind,
        *,
        contact: str | None = None,
        subscription: str | None = None,
        email: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> Sequence[Row]:
        """The list rows, newest first; see the contract."""
        if contact is None and subscription is None and email is None:
            keys = self._sorted(kind)
            start = 0 if since is None else bisect_left(keys, since << (_CELL_BITS + _TURN_BITS))
            end = len(keys) if until is None else bisect_right(keys, (until + 1) << (_CELL_BITS + _TURN_BITS))
            return LazyRows(keys[start:end][::-1], lambda key: self._row(kind, self._record(key)))
        found = [
            record
            for record in self._of_cell(contact, subscription, email)
            if record.kind == kind
            and (contact is None or contact in (record.contact, record.id))
            and (subscription is None or record.subscription == subscription)
            and (email is None or record.email.lower() == email.lower())
            and (since is None or record.created >= since)
            and (until is None or record.created <= until)
        ]
        found.sort(key=lambda record: -record.created)
        return [self._row(kind, record) for record in found]

    def get(self, kind: RowKind, row_id: str) -> Row | None:
        """The single record, with the fields that lists leave out."""
        scrambler = self._cells.scrambler
        number = scrambler.cell_of(row_id[:14]) if kind in _SHORT_IDS else scrambler.cell_of_hexadecimal(row_id)
        for record in self._cells.records(number) if number is not None else ():
            if record.kind == kind and record.id == row_id:
                return self._row(kind, record, whole=True)
        return None

    def saas_locations(self) -> Sequence[Row]:
        """The mapping of customers' own locations to Stripe."""
        keys = self._sorted("saas_location")[::-1]
        return LazyRows(keys, lambda key: self._row("saas_location", self._record(key)))

    def company(self) -> Row:
        """The agency's record."""
        return agency_rows.company(self._account, self.company_account)

    def location(self) -> Row:
        """The record of the location that sells."""
        return agency_rows.location(self._account)

    def workflows(self) -> Sequence[Row]:
        """The workflows of the location that sells."""
        return agency_rows.workflows(self._account)

    def _of_cell(self, contact: str | None, subscription: str | None, email: str | None) -> Sequence[Record]:
        number: int | None = None
        if contact is not None:
            number = self._cells.scrambler.cell_of(contact[:14])
        elif subscription is not None:
            number = self._cells.scrambler.cell_of(subscription)
        elif email is not None:
            number = cell_of_email(email)
        return self._cells.records(number) if number is not None and number < len(self._cells) else ()

    def _sorted(self, kind: str) -> array[int]:
        """The key of each record of a kind: its time, its cell, and its turn in the cell; oldest first."""
        if kind not in self._keys:
            keys = []
            for number in range(len(self._cells)):
                for turn, (its_kind, created) in enumerate(self._cells.told(number).record_times):
                    if its_kind == kind:
                        at = created + self._cells.shifts[number]
                        keys.append((((at << _CELL_BITS) | number) << _TURN_BITS) | turn)
            keys.sort()
            self._keys[kind] = array("Q", keys)
        return self._keys[kind]

    def _record(self, key: int) -> Record:
        return self._cells.records((key >> _TURN_BITS) & _CELL_MASK)[key & _TURN_MASK]

    def _row(self, kind: str, record: Record, *, whole: bool = False) -> Row:
        account = replace(self._account, past_due=self._engine.beliefs.highlevel_past_due)
        peek = self._engine.peek
        if kind == "saas_location":
            return (agency_rows.whole_saas_location if whole else agency_rows.saas_location)(record, peek, account)
        made = rows.MAKERS[kind](record, peek, account)
        return {**made, **rows.WHOLE[kind](record, peek, account)} if whole else made
