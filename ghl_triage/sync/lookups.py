"""The bounded look-ups that decide single cases: attached cards, a card's set-ups, a subscription's sessions.

Each is one request for one customer, card or subscription, made once and remembered; what fails comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from ghl_triage.diagnosis.cards_wanted import customers_to_read, wants_proof, wants_sessions
from ghl_triage.errors import NotFound
from ghl_triage.model import Cause, Finding, Path
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.sync.concurrency import for_each
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.objects import read_cards
from ghl_triage.sync.plan import SETUP_EXPAND
from ghl_triage.sync.targets import Target

PART = "cards"
AT_ONCE = 6
CASES_AT_ONCE = 60
"""Cases looked at together: their verdicts appear when the look-ups of all of them are done."""
ROUNDS = 3
"""What one look-up brings may ask for another: a namesake's cards after his own, the set-ups of a card just found."""
_ROWS_AT_ONCE = 1_000
_WAITING = "stage:failing,at_risk,lost"


@dataclass(slots=True)
class Wanted:
    """What some cases want to have looked up, in the order of the queue; the values are the customers to judge anew.

    An answer without objects is news too: "no set-up", "no session".
    """

    cards: dict[str, None] = field(default_factory=dict)
    proofs: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.cards or self.proofs or self.sessions)


async def look_up(run: SyncRun) -> None:
    """Look up what the waiting cases lack, the failing ones first."""
    rows = await run.store.read(lambda store: candidates(store, run.clock.now()))
    for start in range(0, len(rows), CASES_AT_ONCE):
        batch = rows[start : start + CASES_AT_ONCE]
        for _ in range(ROUNDS):
            wanted = await run.store.read(partial(wanted_by, rows=batch))
            if not wanted:
                break
            await _make(run, wanted)
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


def wanted_by(store: Reader, rows: Sequence[int]) -> Wanted:
    """What these cases want to have looked up."""
    wanted = Wanted()
    cases = store.cases_of(rows)
    records = store.records_of({case.customer for case in cases})
    for case in cases:
        known = records[case.customer]
        wanted.cards.update(dict.fromkeys(customers_to_read(known, case)))
        wanted.proofs.update(dict.fromkeys(wants_proof(known, case), case.customer))
        if wants_sessions(known, case):
            wanted.sessions[case.subscription] = case.customer
    return wanted


async def _make(run: SyncRun, wanted: Wanted) -> None:
    async def cards(customer: str) -> None:
        try:
            methods, fetched_at = await read_cards(run.stripe, customer)
        except NotFound:
            await run.store.forget([Target("customer", customer)])
            methods, fetched_at = (), run.clock.now()
        run.board.count(PART, await run.store.put_cards(customer, methods, fetched_at))

    async def proof(payment_method: str) -> None:
        query = {"payment_method": payment_method, "expand": list(SETUP_EXPAND)}
        page = await run.stripe.list_page("/v1/setup_intents", query)
        run.board.count(PART, await run.store.put(page.data, page.fetched_at))
        await run.store.write(lambda writer: writer.mark_proof_read(payment_method, page.fetched_at))
        run.store.touched.add(wanted.proofs[payment_method])

    async def sessions(subscription: str) -> None:
        page = await run.stripe.list_page("/v1/checkout/sessions", {"subscription": subscription})
        run.board.count(PART, await run.store.put(page.data, page.fetched_at))
        await run.store.write(lambda writer: writer.mark_sessions_read(subscription, page.fetched_at))
        run.store.touched.add(wanted.sessions[subscription])

    await for_each(wanted.cards, cards, at_once=AT_ONCE)
    await for_each(wanted.proofs, proof, at_once=AT_ONCE)
    await for_each(wanted.sessions, sessions, at_once=AT_ONCE)
