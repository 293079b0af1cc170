"""The bounded look-ups that decide single cases: attached cards, a card's set-ups, a subscription's sessions.

Each is one request for one customer, card or subscription, made once and remembered; what fails comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ghl_triage.diagnosis.cards_wanted import customers_to_read, wants_proof, wants_sessions
from ghl_triage.errors import NotFound
from ghl_triage.model import Cause, Finding, Path, Raw
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.sync.concurrency import for_each
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.objects import read_cards
from ghl_triage.sync.plan import SETUP_EXPAND
from ghl_triage.sync.targets import Target

PART = "cards"
AT_ONCE = 12
VERDICTS_AT_ONCE = 25
"""After so many customers their verdicts follow: cases are decided before the screen's eyes."""
CASES_AT_ONCE = 100
ROUNDS = 3
"""What one look-up brings may ask for another: a namesake's cards after his own, the set-ups of a card just found."""
CARDS, SET_UPS, SESSIONS = "customer", "payment_method", "subscription"
"""What a look-up goes by, as the kind of its target."""
_ROWS_AT_ONCE = 1_000
_WAITING = "stage:failing,at_risk,lost"


async def look_up(run: SyncRun) -> None:
    """Look up what the waiting cases lack, the failing ones first."""
    for _ in range(ROUNDS):
        rows = await run.store.read(lambda store: candidates(store, run.clock.now()))
        wanted: dict[Target, str] = {}
        for start in range(0, len(rows), CASES_AT_ONCE):
            found = await run.store.read(partial(wanted_by, rows=rows[start : start + CASES_AT_ONCE]))
            wanted = wanted | {target: customer for target, customer in found.items() if target not in wanted}
        if not wanted:
            return
        await for_each(wanted.items(), _Round(run).look_up, at_once=AT_ONCE)
        await run.store.diagnose_touched()


def candidates(store: Reader, now: int) -> list[int]:
    """The cases that may want something, in the order of the queue: told by their columns, which is quick."""
    waiting = store.ids(to_sql(parse(_WAITING), now), DEFAULT_SORT)
    open_choice = set(store.ids(to_sql(parse(f"{_WAITING} finding:{Finding.SEVERAL_CARDS}"), now), DEFAULT_SORT))
    return [
        row.row
        for start in range(0, len(waiting), _ROWS_AT_ONCE)
        for row in store.case_rows(waiting[start : start + _ROWS_AT_ONCE])
        if row.pending
        or row.path is Path.UNKNOWN
        or row.cause is Cause.PAYMENT_METHOD_DETACHED
        or row.row in open_choice
    ]


def wanted_by(store: Reader, rows: Sequence[int]) -> dict[Target, str]:
    """What these cases want to have looked up, with the customer whose verdict waits for it."""
    wanted: dict[Target, str] = {}
    cases, coverage = store.cases_of(rows), store.coverage()
    records = store.records_of({case.customer for case in cases})
    for case in cases:
        known = records[case.customer]
        targets = [Target(CARDS, customer) for customer in customers_to_read(known, case)]
        targets += [Target(SET_UPS, method) for method in wants_proof(known, case, coverage=coverage)]
        if wants_sessions(known, case):
            targets.append(Target(SESSIONS, case.subscription))
        for target in targets:
            wanted.setdefault(target, case.customer)
    return wanted


class _Round:
    """One round of look-ups; verdicts follow as their facts come in."""

    def __init__(self, run: SyncRun) -> None:
        self._run = run
        self._waiting: set[str] = set()

    async def look_up(self, wanted: tuple[Target, str]) -> None:
        """Make one look-up, and give verdicts when there are enough of them to give."""
        target, customer = wanted
        count = await self._make(target)
        self._run.board.count(PART, count)
        self._waiting.add(customer)
        self._run.store.touched.add(customer)  # an answer without objects is news too: no set-up, no session
        if len(self._waiting) >= VERDICTS_AT_ONCE:
            waiting, self._waiting = self._waiting, set()
            await self._run.store.diagnose(waiting)

    async def _make(self, target: Target) -> int:
        if target.kind == CARDS:
            return await self._cards(target.id)
        store = self._run.store
        if target.kind == SET_UPS:
            query = {"payment_method": target.id, "expand": list(SETUP_EXPAND)}
            page = await self._run.stripe.list_page("/v1/setup_intents", query)
        else:
            page = await self._run.stripe.list_page("/v1/checkout/sessions", {"subscription": target.id})
        count = await store.put(page.data, page.fetched_at)
        if target.kind == SET_UPS:
            await store.write(lambda writer: writer.mark_proof_read(target.id, page.fetched_at))
        else:
            await store.write(lambda writer: writer.mark_sessions_read(target.id, page.fetched_at))
        return count

    async def _cards(self, customer: str) -> int:
        methods: Sequence[Raw] = ()
        fetched_at = self._run.clock.stamp()
        try:
            methods, fetched_at = await read_cards(self._run.stripe, customer)
        except NotFound:
            await self._run.store.forget([Target("customer", customer)])
        return await self._run.store.put_cards(customer, methods, fetched_at)
