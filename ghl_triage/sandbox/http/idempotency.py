"""Idempotency keys: one result for one key, declines included, for 24 hours.

Stripe stores the result of a request whose execution began, whatever it was. Refusals before that (parameters, rights,
rate, conflicts) are not stored (docs.stripe.com "Idempotent requests").
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sandbox.http.form import Nested
from ghl_triage.sandbox.http.reply import Reply

LIFETIME = 24 * 3_600
MAX_LENGTH = 255


@dataclass(slots=True)
class _Entry:
    path: str
    fingerprint: bytes
    created: int
    request_id: str
    reply: Reply | None = None


@dataclass(slots=True)
class Idempotency:
    """The keys seen, with their results. Times are the sandbox's."""

    _entries: dict[str, _Entry] = field(default_factory=dict)

    @contextmanager
    def use(self, key: str | None, path: str, params: Nested, *, now: int, request_id: str) -> Iterator[Slot]:
        """A slot for one request: it holds the stored reply, or takes the new one.

        Raises StripeError for a key of another request, or of one that still runs. A slot that nothing was put into is
        forgotten: such a request may come again.
        """
        if key is None:
            yield Slot()
            return
        entry = self._known(key, path, params, now)
        if entry is not None:
            yield Slot(stored=entry.reply, original=entry.request_id)
            return
        entry = self._entries[key] = _Entry(path, _fingerprint(params), now, request_id)
        slot = Slot()
        try:
            yield slot
        finally:
            if slot.new is None:
                del self._entries[key]
            else:
                entry.reply = slot.new

    def results(self) -> dict[str, int | None]:
        """The HTTP status that each key was given; None for one whose request still runs."""
        return {key: entry.reply.status if entry.reply else None for key, entry in self._entries.items()}

    def _known(self, key: str, path: str, params: Nested, now: int) -> _Entry | None:
        if len(key) > MAX_LENGTH:
            message = f"Idempotency keys cannot be longer than {MAX_LENGTH} characters."
            raise StripeError(message, type="idempotency_error")
        entry = self._entries.get(key)
        if entry is None or now - entry.created >= LIFETIME:
            return None
        if entry.path != path:
            raise _other_use(key, f"for the same endpoint they were first used for ('{entry.path}' vs '{path}')")
        if entry.fingerprint != _fingerprint(params):
            raise _other_use(key, "with the same parameters they were first used with")
        if entry.reply is None:
            message = (
                "There is currently another in-progress request using this Idempotent Key (that probably means you "
                f"submitted twice, and the other request is still going through): {key}. Please try again later."
            )
            raise StripeError(message, code="idempotency_key_in_use", status=409, type="idempotency_error")
        return entry


@dataclass(slots=True)
class Slot:
    """Where the result of one request lies or goes."""

    stored: Reply | None = None
    original: str | None = None
    new: Reply | None = None


def _other_use(key: str, rule: str) -> StripeError:
    message = (
        f"Keys for idempotent requests can only be used {rule}. Try using a key other than '{key}' if you meant to "
        "execute a different request."
    )
    return StripeError(message, type="idempotency_error")


def _fingerprint(params: Any) -> bytes:
    return orjson.dumps(params, option=orjson.OPT_SORT_KEYS)
