"""The agency's side of HighLevel: which customer's own location is mapped to what in Stripe; domain/highlevel.md 9.

It is a second opinion that needs a token of its own. Without it, or with one that lacks a right, the mapping is told as
not seen; that is no error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ghl_triage.errors import NotAuthenticated, NotFound, NotPermitted, RequestRefused, SourceError
from ghl_triage.model import Raw
from ghl_triage.sources.highlevel import HighLevelReader
from ghl_triage.sources.highlevel_agency import MOST_PAGES, HighLevelAgency
from ghl_triage.store.reader import Reader
from ghl_triage.store.redact import strip
from ghl_triage.sync.concurrency import for_each
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.load import MAPPING
from ghl_triage.sync.plan import DAY

PART = "HighLevel SaaS mapping"
LOCATION = "saas_location"
NO_TOKEN = "The SaaS mapping is not seen: no agency token (HIGHLEVEL_AGENCY_TOKEN)"  # noqa: S105
NO_COMPANY = "The SaaS mapping is not seen: the agency's id is not known (set HIGHLEVEL_COMPANY_ID)"
MOST_RECORDS = 100
"""Records of single locations read in one sync; the others get their turn in the next ones."""
RECORDS_AT_ONCE = 2
TOLD = ("customerId", "subscriptionId", "subscriptionStatus")
"""What a location's own record may say where the list says nothing."""
RECORDED = "toldByRecord"
"""Our own mark on a stored row: what of TOLD its record gave, and when it was asked."""
RECORD_AGE = DAY
"""Seconds after which a record is asked again."""
REFUSED = (NotAuthenticated, NotPermitted, NotFound, RequestRefused)

_Answer = TypeVar("_Answer")


class SaasMapping:
    """One reading of the mapping. `seller` is who else may know which agency it is."""

    def __init__(
        self, run: SyncRun, agency: HighLevelAgency, *, company: str, location: str, seller: HighLevelReader | None
    ) -> None:
        self._run = run
        self._agency = agency
        self._company = company
        self._location = location
        self._seller = seller
        self._records = 0

    async def read(self) -> None:
        """Read the mapping whole. Raises what time may mend; a right that is missing is told."""
        run, began = self._run, self._run.clock.now()
        company = self._company or await self._find_company()
        if company is None:
            run.board.missing(NO_COMPANY)
            return
        kept: set[str] = set()
        try:
            async for rows in self._agency.locations(company):
                kept.update(str(row["locationId"]) for row in rows)
                whole = await self._with_records(company, rows)
                run.board.count(PART, await run.store.put_highlevel(LOCATION, whole, run.clock.stamp()))
        except REFUSED as error:
            run.board.missing(_not_seen("The SaaS mapping", error))
            return
        if len(kept) < MOST_PAGES * 10:
            await run.store.keep_only_highlevel(LOCATION, kept)
        await run.store.cover(lambda known: replace(known, highlevel_mapping_read=True))
        await self._read_account(company)
        await run.store.save_cursor(MAPPING, str(began))

    async def _find_company(self) -> str | None:
        """The agency's id as one of the two tokens may read it from the location's record."""
        if not self._location:
            return None
        found = await _allowed(self._agency.company_of(self._location))
        if found is None and self._seller is not None:
            found = await _allowed(self._seller.company())
        return found

    async def _read_account(self, company: str) -> None:
        """Which Stripe account the agency is connected to; what was known stays, where the token may not read it."""
        try:
            account = await self._agency.stripe_account(company)
        except REFUSED as error:
            self._run.board.missing(_not_seen("The agency's Stripe account", error))
            return
        await self._run.store.cover(lambda known: replace(known, highlevel_company_account=account))

    async def _with_records(self, company: str, rows: Sequence[Raw]) -> list[Raw]:
        """The rows, completed by the locations' own records where the list leaves the mapping open."""
        whole = {str(row["locationId"]): row for row in rows}
        lacking = [name for name, row in whole.items() if not (row.get("customerId") and row.get("subscriptionId"))]
        since = self._run.clock.now() - RECORD_AGE
        stored = await self._run.store.read(lambda reader: _stored(reader, lacking, since))

        async def complete(name: str) -> None:
            row, known = whole[name], stored.get(name)
            if known is not None and _said(known) == _said(strip(row)):
                whole[name] = known
            elif self._records < MOST_RECORDS:
                self._records += 1
                record = await _allowed(self._agency.mapping(company, name)) or {}
                told = {key: record[key] for key in TOLD if record.get(key) and not row.get(key)}
                whole[name] = {**row, **told, RECORDED: {"at": self._run.clock.now(), "keys": list(told)}}

        await for_each(lacking, complete, at_once=RECORDS_AT_ONCE)
        return list(whole.values())


async def _allowed(asked: Awaitable[_Answer]) -> _Answer | None:
    """The answer; None where it is refused."""
    try:
        return await asked
    except REFUSED:
        return None


def _stored(reader: Reader, names: Sequence[str], since: int) -> dict[str, Raw]:
    """The stored rows of these locations whose records were asked for since then."""
    found = {name: reader.raw(name) for name in names}
    return {name: raw for name, raw in found.items() if raw and raw.get(RECORDED, {}).get("at", 0) >= since}


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the list itself said in a row."""
    added = {RECORDED, "deleted", *row.get(RECORDED, {}).get("keys", ())}
    return {key: value for key, value in row.items() if key not in added and value not in (None, "")}


def _not_seen(what: str, error: SourceError) -> str:
    return f"{what} is not seen: {error.message} {error.hint}".strip()
