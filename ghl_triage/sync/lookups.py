"""The bounded look-ups that decide single cases, as their verdicts ask for them: cards, namesakes, set-ups, sessions.

Each is made once and remembered; what fails comes first. One search stands for ten addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from ghl_triage.diagnosis.cards_wanted import LookUp, Want
from ghl_triage.errors import NotFound, NotPermitted, RequestRefused
from ghl_triage.model import Raw
from ghl_triage.sources.stripe import Page
from ghl_triage.store.wants import WantedFor
from ghl_triage.sync.concurrency import for_each
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.namesakes import NamesakeSearch, in_batches
from ghl_triage.sync.objects import read_cards
from ghl_triage.sync.plan import SETUP_EXPAND
from ghl_triage.sync.targets import Target

PART = "cards"
AT_ONCE = 12
VERDICTS_AT_ONCE = 25
"""After so many customers their verdicts follow: cases are decided before the screen's eyes."""
CASES_AT_ONCE = 2_000
"""Of so many waiting cases the look-ups are made, the failing ones first; then those that wait next are asked for."""


async def look_up(run: SyncRun) -> None:
    """Look up what the waiting cases lack, until they lack nothing that can be asked for.

    One look-up may ask for another: his namesakes after his own cards, their cards, the set-ups of a card just found.
    """
    made: set[Want] = set()
    refused: set[LookUp] = set()
    search = NamesakeSearch(run)
    while wanted := await _wanted(run, made):
        made.update(each.want for each in wanted)
        await for_each(_jobs(wanted), _Round(run, search, refused).look_up, at_once=AT_ONCE)
        await run.store.diagnose({each.customer for each in wanted})


async def _wanted(run: SyncRun, made: set[Want]) -> list[WantedFor]:
    """What the first of the waiting cases want; where that is nothing, what those want whose verdict is still owed."""
    for settled in (False, True):
        if settled:
            await run.store.diagnose_touched()
        found = await run.store.read(lambda store: store.wants(CASES_AT_ONCE))
        wanted = [each for each in found if each.want not in made]
        if wanted:
            return wanted
    return []


def _jobs(wanted: Iterable[WantedFor]) -> list[list[WantedFor]]:
    """What is asked for in one request each, in the order of the queue."""
    addresses: list[WantedFor] = []
    jobs: list[list[WantedFor]] = []
    for each in wanted:
        if each.want.kind == "namesakes":
            addresses.append(each)
        else:
            jobs.append([each])
    searches = [[addresses[place] for place in batch] for batch in in_batches([one.want.id for one in addresses])]
    return [*searches, *jobs]


_SPOKEN: Mapping[LookUp, str] = {
    "cards": "cards", "namesakes": "namesakes", "proof": "older set-ups", "sessions": "older checkouts"
}  # fmt: skip
"""What is not seen where a look-up is refused."""


class _Round:
    """One round of look-ups; verdicts follow as their facts come in."""

    def __init__(self, run: SyncRun, search: NamesakeSearch, refused: set[LookUp]) -> None:
        """`refused` are the kinds of look-ups that the key has no right to."""
        self._run = run
        self._search = search
        self._refused = refused
        self._waiting: set[str] = set()

    async def look_up(self, wanted: Sequence[WantedFor]) -> None:
        """Make one look-up, and give verdicts when there are enough of them to give."""
        kind = wanted[0].want.kind
        if kind in self._refused:
            return
        try:
            count = await self._make([each.want for each in wanted])
        except NotPermitted as error:
            self._refused.add(kind)
            self._run.unseen(_SPOKEN[kind], error)
            return
        self._run.board.count(PART, count)
        customers = {each.customer for each in wanted}
        self._waiting |= customers
        # An answer without objects is news too: no set-up, no session.
        await self._run.store.touch(customers)
        if len(self._waiting) >= VERDICTS_AT_ONCE:
            waiting, self._waiting = self._waiting, set()
            await self._run.store.diagnose(waiting)

    async def _make(self, wants: Sequence[Want]) -> int:
        want = wants[0]
        if want.kind == "namesakes":
            return await self._search.read([each.id for each in wants])
        if want.kind == "cards":
            return await self._cards(want.id)
        store = self._run.store
        try:
            if want.kind == "proof":
                page = await self._run.expansions.ask(SETUP_EXPAND, partial(self._setups, want.id))
            else:
                page = await self._run.stripe.list_page("/v1/checkout/sessions", {"subscription": want.id})
        except (NotFound, RequestRefused):
            # What Stripe does not know has none; one odd id must not end the look-ups of all others.
            page = Page((), has_more=False, fetched_at=self._run.clock.stamp())
        count = await store.put(page.data, page.fetched_at)
        if want.kind == "proof":
            await store.write(lambda writer: writer.mark_proof_read(want.id, page.fetched_at))
        else:
            await store.write(lambda writer: writer.mark_sessions_read(want.id, page.fetched_at))
        return count

    async def _setups(self, method: str, expand: Sequence[str]) -> Page:
        query = {"payment_method": method, "expand": list(expand)}
        return await self._run.stripe.list_page("/v1/setup_intents", query)

    async def _cards(self, customer: str) -> int:
        methods: Sequence[Raw] = ()
        fetched_at = self._run.clock.stamp()
        try:
            methods, fetched_at = await read_cards(self._run.stripe, customer)
        except NotFound:
            await self._run.store.forget([Target("customer", customer)])
        return await self._run.store.put_cards(customer, methods, fetched_at)
