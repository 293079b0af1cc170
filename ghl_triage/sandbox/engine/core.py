"""An engine without its operations: reading, time, requests, locks, cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ghl_triage.sandbox.engine import cells, checkout, deliveries, invoices, listing, payment_methods, test_clocks
from ghl_triage.sandbox.engine.api import (
    Cell,
    CellSource,
    LedgerEntry,
    Obj,
    Params,
    Request,
    StripeError,
    kind_of,
)
from ghl_triage.sandbox.engine.beliefs import Beliefs
from ghl_triage.sandbox.engine.clock import EngineClock
from ghl_triage.sandbox.engine.ids import ACCOUNT_ID
from ghl_triage.sandbox.engine.state import State
from ghl_triage.sandbox.engine.test_clocks import Clocks


class Core:
    """What every engine can do before it has operations."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._clock = EngineClock(state)
        self.test_clocks = Clocks()

    @property
    def clock(self) -> EngineClock:
        """The engine's time."""
        return self._clock

    @property
    def beliefs(self) -> Beliefs:
        """What it takes for granted."""
        return self.state.beliefs

    @beliefs.setter
    def beliefs(self, beliefs: Beliefs) -> None:
        self.state.beliefs = beliefs

    @property
    def source(self) -> CellSource | None:
        """Where missing customers come from."""
        return self.state.source

    @source.setter
    def source(self, source: CellSource | None) -> None:
        self.state.source = source

    @contextmanager
    def request(self, request: Request) -> Iterator[None]:
        """Operations within run as this API request. Without it each operation makes up a request id."""
        asking, self.state.request = self.state.request, request
        try:
            yield
        finally:
            self.state.request = asking

    def _run(self, operation: Callable[..., Any], *args: Any) -> Any:
        """Runs an operation, as a request of its own unless it is part of one; where an argument belongs to a test
        clock, on that clock's engine."""
        home = self._home(*args)
        if home is self.state:
            return _asked(home, operation, args)
        test_clocks.refuse_while_advancing(self.state, home.test_clock)
        asking, home.request = home.request, self.state.request
        try:
            return _asked(home, operation, args)
        finally:
            home.request = asking

    def _home(self, *named: Any) -> State:
        """Where what is named lives: with a test clock, or with the account itself."""
        found = self.test_clocks.home(*named)
        return self.state if found is None else found.state

    def get(self, kind: str, object_id: str) -> Obj:
        """The object, deleted customers as `{"id", "object", "deleted": true}`; StripeError 404 resource_missing."""
        state = self._home(object_id)
        if kind == "customer" and object_id in state.private.deleted:
            return state.private.deleted[object_id]
        if kind == "payment_method" and object_id.startswith("card_"):
            return payment_methods.find(state, object_id)
        found = state.get(kind, object_id)
        if kind == "event" and found["created"] < state.now - state.beliefs.event_lifetime:
            raise StripeError(f"No such event: '{object_id}'", code="resource_missing", param="id", status=404)
        return found

    def peek(self, object_id: str) -> Obj | None:
        """The object of an id, by its prefix; None when there is none."""
        kind = kind_of(object_id)
        if kind is None:
            return None
        state = self._home(object_id)
        if object_id in state.private.deleted:
            return state.private.deleted[object_id]
        return state.find(kind, object_id)

    def list(
        self,
        kind: str,
        filters: Params | None = None,
        *,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> Iterator[Obj]:
        """Lazily, newest first; with `ending_before` those newer than it, nearest first (turn a page of it round).

        Filters are the API's for that list (`status`, `customer`, `created: {gte, gt, lte, lt}`, `type`, `types`,
        `payment: {type, payment_intent}`, `customer_details: {email}`, ...), with its defaults (subscriptions without
        `status` leave out canceled ones; `all`, `ended`). A cursor that is unknown raises resource_missing.
        """
        asked = filters or {}
        if kind == "event" and self.test_clocks.engines:
            states = (self.state, *(engine.state for engine in self.test_clocks.engines.values()))
            lists = [listing.listing(state, kind, asked, None, None) for state in states]
            return listing.merged(kind, lists, starting_after, ending_before)
        home = self._home(asked, asked.get("payment"))
        if kind == "payment_method":
            return listing.merged(kind, _with_legacy(home, asked), starting_after, ending_before)
        return listing.listing(home, kind, asked, starting_after, ending_before)

    def set_endpoint(self, *, down: bool) -> None:
        """From now on the client's webhook endpoint fails: events stay pending; or it works again, and gets those of
        three days.
        """
        deliveries.set_endpoint(self.state, down=down)

    def account(self) -> Obj:
        """The merchant's account."""
        return self.state.get("account", ACCOUNT_ID)

    def confirmation_secret(self, invoice: str) -> Obj | None:
        """`invoice.confirmation_secret`, served only when expanded."""
        state = self._home(invoice)
        intent = invoices.intent_of(state, state.get("invoice", invoice))
        return None if intent is None else {"client_secret": intent["client_secret"], "type": "payment_intent"}

    def session_line_items(self, session: str) -> tuple[Obj, ...]:
        """`checkout.session.line_items`, served only when expanded."""
        return checkout.line_items(self._home(session), session)

    def ledger(self) -> tuple[LedgerEntry, ...]:
        """The charges that took money, oldest first."""
        return tuple(sorted(self.state.ledger.values(), key=lambda entry: entry.created))

    def double_paid(self) -> tuple[str, ...]:
        """Invoices that money was taken for twice: a proof of harm."""
        counted = Counter(entry.invoice for entry in self.state.ledger.values() if entry.invoice)
        return tuple(invoice for invoice, times in counted.items() if times > 1)

    def lock_targets(self, object_id: str) -> tuple[str, ...]:
        """The ids that Stripe locks while it writes this object: itself, its subscription, its customer."""
        found = self.peek(object_id)
        if found is None:
            return (object_id,)
        owners = [object_id]
        if found["object"] == "invoice":
            owners.append(invoices.subscription_id(found) or "")
        owners.append(found.get("customer") or "")
        return tuple(owner for owner in owners if owner)

    def lock(self, object_id: str, seconds: int) -> None:
        """Locks an object as another process would, for this long on the engine's clock."""
        self.state.lock(object_id, seconds)

    def locked(self, object_id: str) -> bool:
        """Whether one of the object's lock targets is locked now."""
        locks = self.state.locks
        return any(locks.get(target, 0) > self.state.now for target in self.lock_targets(object_id))

    def export_cell(self) -> Cell:
        """All that this engine holds of its own."""
        return cells.export(self.state)

    def adopt(self, cell: Cell) -> None:
        """Takes a cell in."""
        cells.adopt(self.state, cell)

    def release(self, cell: Cell) -> bool:
        """Forgets an adopted cell if nothing of it has changed since; False where it has."""
        return cells.release(self.state, cell)


def _with_legacy(state: State, filters: Params) -> Iterator[Iterator[Obj]]:
    """A customer's PaymentMethods, and his legacy cards in the shape of such: Stripe lists both."""
    yield listing.listing(state, "payment_method", filters, None, None)
    if filters.get("customer") and filters.get("type") in (None, "card"):
        legacy = listing.listing(state, "card", {"customer": filters["customer"]}, None, None)
        yield (payment_methods.as_method(state, card) for card in legacy)


def _asked(state: State, operation: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    if state.request is not None:
        return operation(state, *args)
    state.request = Request(state.ids.other("req_"))
    try:
        return operation(state, *args)
    finally:
        state.request = None
