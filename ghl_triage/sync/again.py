"""Reads again what may have changed: one by one while it is little, by lists when it is much."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ghl_triage.errors import NotPermitted
from ghl_triage.sources.stripe import Page
from ghl_triage.sync.concurrency import for_each, together
from ghl_triage.sync.context import SyncRun
from ghl_triage.sync.objects import SINGLE, read_target
from ghl_triage.sync.plan import CHARGE_EXPAND, E1, E2, SETUP_EXPAND, ListSpec, status_lists
from ghl_triage.sync.targets import Seen, Target
from ghl_triage.sync.walk import ListWalk
from ghl_triage.sync.windows import list_state

ONE_BY_ONE = 30
"""Up to this many objects of a kind are read by their ids; lists are cheaper from there on."""
AT_ONCE = 6
OBJECTS_PER_PAGE = 10
"""A list pays as long as each page saves ten requests."""

_LISTS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "charge": ("/v1/charges", {"expand": list(CHARGE_EXPAND)}),
    "checkout.session": ("/v1/checkout/sessions", {}),
    "customer": ("/v1/customers", {}),
    "dispute": ("/v1/disputes", {}),
    "invoice": ("/v1/invoice_payments", {"expand": list(E2)}),
    "setup_intent": ("/v1/setup_intents", {"expand": list(SETUP_EXPAND)}),
    "subscription": ("/v1/subscriptions", {"status": "all", "expand": list(E1)}),
}
"""Kinds that can be listed without naming a customer, and how."""
_SPOKEN = {"checkout.session": "checkouts", "setup_intent": "set-ups"}
"""Kinds as the parts of a load call them."""
_ORDER = ("subscription", "invoice")
"""Read first: they bring customers, methods, intents and charges along."""


async def read_again(run: SyncRun, part: str, wanted: Iterable[Target], *, lists_read: bool = False) -> None:
    """Read these objects again and store them, each once; what came along expanded is not asked for again.

    `lists_read`: the status lists were read just before, and hold none of them.
    """
    again = _Again(run, part)
    left = sorted(wanted)
    if not lists_read and sum(target.kind in _ORDER for target in left) > ONE_BY_ONE:
        await again.status_lists()
    for kind in (*_ORDER, *(kind for kind in SINGLE if kind not in _ORDER)):
        targets = again.missing(target for target in left if target.kind == kind)
        if len(targets) > ONE_BY_ONE and kind in _LISTS:
            await again.newest_of(kind, targets)
        await again.one_by_one(targets)


class _Again:
    """Remembers what was seen while reading."""

    def __init__(self, run: SyncRun, part: str) -> None:
        self._run = run
        self._part = part
        self._seen = Seen()
        self._refused: set[str] = set()

    def _refuse(self, kind: str, error: NotPermitted) -> None:
        """The key may not read this kind: what else changed is read all the same."""
        self._refused.add(kind)
        self._run.unseen(_SPOKEN.get(kind, f"{kind.replace('_', ' ')}s"), error)

    def missing(self, wanted: Iterable[Target]) -> list[Target]:
        """Those that did not come along with others."""
        return [target for target in wanted if target not in self._seen]

    async def status_lists(self) -> None:
        """All that fails or may fail, and all open payments."""
        specs = status_lists(self._run.clock.now(), self._run.history_days)
        await read_lists(self._run, self._part, specs, self._seen)

    async def one_by_one(self, wanted: Iterable[Target]) -> None:
        """Each by its id; what one brings along spares another."""

        async def read(target: Target) -> None:
            if target in self._seen or target.kind in self._refused:
                return
            try:
                found = await read_target(self._run.stripe, self._run.expansions, target)
            except NotPermitted as error:
                self._refuse(target.kind, error)
                return
            self._seen.add(found.objects)
            await self._run.store.forget(found.gone)
            if found.objects:
                count = await self._run.store.put(found.objects, found.fetched_at, show=True)
                self._run.board.count(self._part, count)

        await for_each(wanted, read, at_once=AT_ONCE)

    async def newest_of(self, kind: str, wanted: Sequence[Target]) -> None:
        """Page through the list of a kind as long as that is cheaper than asking one by one."""
        path, query = _LISTS[kind]
        pages = len(wanted) // OBJECTS_PER_PAGE
        try:
            async for page in self._run.stripe.iter_pages(path, query):
                self._seen.add(page.data)
                self._run.board.count(self._part, await self._run.store.put(page.data, page.fetched_at))
                pages -= 1
                if pages < 1 or not self.missing(wanted):
                    return
        except NotPermitted:
            # It may be what was to be expanded: one by one it is asked for with what the key may have.
            return


async def read_lists(run: SyncRun, part: str, specs: Sequence[ListSpec], seen: Seen) -> None:
    """Read these lists whole, side by side, and note what was in them. Those that show no case may be refused."""

    async def read(spec: ListSpec) -> None:
        async def sink(page: Page, position: str) -> None:  # noqa: ARG001 - nothing to resume
            seen.add(page.data)
            run.board.count(part, await run.store.put(page.data, page.fetched_at, show=spec.shows))

        state = list_state(None, since=spec.since)
        try:
            await ListWalk(spec, state, stripe=run.stripe, expansions=run.expansions, gate=run.gate, sink=sink).run()
        except NotPermitted as error:
            if spec.shows:
                raise
            run.unseen(spec.part, error)

    await together(read(spec) for spec in specs)
