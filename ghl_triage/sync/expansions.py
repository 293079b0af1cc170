"""Leaves out of a request what the key may not expand, so that one missing right does not cost a whole list."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ghl_triage.errors import NotPermitted

_RIGHT = re.compile(r"\brak_(\w+?)_(?:read|write)\b")
_NEEDS = {
    "account": frozenset({"application"}),
    "application": frozenset({"application"}),
    "charge": frozenset({"charge", "latest_charge"}),
    "customer": frozenset({"customer", "default_source"}),
    "invoice": frozenset({"invoice", "latest_invoice"}),
    "mandate": frozenset({"mandate"}),
    "payment_intent": frozenset({"payment_intent"}),
    "payment_method": frozenset({"default_payment_method", "payment_method"}),
    "setup_attempt": frozenset({"latest_attempt"}),
    "source": frozenset({"default_source"}),
    "subscription": frozenset({"subscriptions"}),
    "setup_intent": frozenset({"latest_attempt", "mandate", "pending_setup_intent"}),
}
"""Which segments of an expansion a right stands behind; Stripe wants it for each class that is expanded."""
_DISPENSABLE = frozenset({"application", "default_source"})
"""What goes first where Stripe names no right, or one that we do not know."""

_NO_OBJECTS = frozenset({"data", "invoice_settings", "payment"})
"""Segments that a path only leads through: Stripe refuses a path that ends with one."""

_Result = TypeVar("_Result")


class Expansions:
    """What the key may not expand, learned from refusals; each is told to `on_refused` once, in a sentence."""

    def __init__(self, on_refused: Callable[[str], None]) -> None:
        self._on_refused = on_refused
        self._refused: set[str] = set()

    async def ask(self, paths: Sequence[str], request: Callable[[Sequence[str]], Awaitable[_Result]]) -> _Result:
        """Make a request with as many of these expansions as the key may have.

        Raises NotPermitted where it is the request itself that is refused.
        """
        while True:
            allowed = self._allowed(paths)
            try:
                return await request(allowed)
            except NotPermitted as error:
                refused = _segments(error) & {segment for path in allowed for segment in path.split(".")}
                if not refused:
                    raise
                self._refused |= refused
                self._on_refused(error.message)

    def _allowed(self, paths: Sequence[str]) -> list[str]:
        """The expansions, each cut before the first segment that is refused."""
        kept: dict[str, None] = {}
        for path in paths:
            segments = path.split(".")
            end = next((at for at, name in enumerate(segments) if name in self._refused), len(segments))
            while end and segments[end - 1] in _NO_OBJECTS:
                end -= 1
            if end:
                kept[".".join(segments[:end])] = None
        return list(kept)


def _segments(error: NotPermitted) -> frozenset[str]:
    known = [_NEEDS[right] for right in _RIGHT.findall(error.message) if right in _NEEDS]
    return frozenset().union(*known) if known else _DISPENSABLE
