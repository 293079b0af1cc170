"""Where a full load stands, as the store keeps it; pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import orjson

from ghl_triage.config import HISTORY_DAYS
from ghl_triage.model import Coverage
from ghl_triage.sync.plan import ACTIVE, DAY, ENDED_OR_WELL, activity_window, longer_window

LOAD = "load"
"""The cursor that holds the LoadState."""
EVENTS = "events"
"""The cursor of the events: the time of the newest one that was taken in."""
UNREAD = "unread"
"""The cursor of what events asked to read again and was not read yet."""
RECONCILED = "reconciled"
"""When the status lists were last read whole."""
UNDELIVERED = "undelivered"
"""When events that were not delivered were last asked for; empty where never since the load began."""
WARNINGS = "warnings"
"""When early fraud warnings were last asked for."""
HIGHLEVEL = "highlevel"
"""When HighLevel's lists were last read whole."""
WORKFLOWS = "workflows"
"""When HighLevel's workflows were last asked for."""
MAPPING = "saas_mapping"
"""When HighLevel's mapping of locations was last read whole."""
VERDICTS = "verdicts"
"""When verdicts that depend on the time were last given."""
CONTACTS = "contacts"
"""How many e-mails of the queue HighLevel was asked for, in turn."""

PLAN = 1
"""Raised when a load reads what those of older programs did not: everything is then read anew, once."""
STALE_AFTER = 29 * DAY
"""Stripe forgets events after thirty days: from then on a cursor is silently empty."""


@dataclass(frozen=True, slots=True)
class LoadState:
    """A full load that began at `started` (Stripe's clock). `left` are the parts that are still to be read.

    `complete`: all parts came through but for those that the key may not read. `followed` is how far events had been
    taken in before it began (0: never): what was read up to then is still known. `history_days` and `plan` say what it
    reads.
    """

    started: int
    left: tuple[str, ...]
    complete: bool = False
    followed: int = 0
    history_days: int = HISTORY_DAYS
    plan: int = PLAN

    def to_json(self) -> str:
        """For the store's cursor."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str | None) -> Self | None:
        """What `to_json` wrote; None where there is none."""
        if not text:
            return None
        data = orjson.loads(text)
        return cls(
            int(data["started"]),
            tuple(data["left"]),
            bool(data["complete"]),
            followed=int(data.get("followed") or 0),
            history_days=int(data.get("history_days") or HISTORY_DAYS),
            plan=int(data.get("plan") or 0),
        )

    def reads(self, history_days: int) -> bool:
        """Whether it reads what a load that began now would read."""
        return (self.history_days, self.plan) == (history_days, PLAN)

    def without(self, part: str) -> Self:
        """The same, with this part read."""
        return replace(self, left=tuple(name for name in self.left if name != part))


def list_cursor(part: str) -> str:
    """The cursor that holds how far this list was read."""
    return f"list:{part}"


def covered(known: Coverage, load: LoadState, part: str) -> Coverage:
    """What is known to be read whole now that this part of the load is, and is struck out of what is left.

    A list that was read further back, and kept up by events until this load's own window begins, stays known that far:
    a store that is years old tells of years.
    """

    if part == "open payments":
        return replace(known, invoice_payments_read=True)
    if part == ACTIVE:
        known = replace(known, active_subscriptions_read=True)
    if part in ENDED_OR_WELL:
        return known if set(ENDED_OR_WELL) & set(load.left) else _read_since(known, load, "subscriptions_since")
    return _read_since(known, load, _FIELDS[part]) if part in _FIELDS else known


_FIELDS = {
    "checkouts": "checkout_sessions_since",
    "set-ups": "setup_intents_since",
    "paid payments": "paid_payments_since",
    "charges": "charges_since",
}
_LONG = frozenset({"checkout_sessions_since", "paid_payments_since", "subscriptions_since"})
"""Fields whose lists reach back over the longer window."""


def _read_since(known: Coverage, load: LoadState, name: str) -> Coverage:
    window = longer_window if name in _LONG else activity_window
    begins = load.started - window(load.history_days)
    before: int | None = getattr(known, name)
    if before is not None and load.followed >= begins:
        begins = min(before, begins)
    read: dict[str, Any] = {name: begins}
    return replace(known, **read)
