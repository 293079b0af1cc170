"""Sends one journaled request until its answer is definite, always with the same key.

An answer is definite where Stripe said yes or no to this very attempt. After a timeout, a reset or a 5xx nobody knows
what happened, and no later "no" of another kind (a limit, a missing right) makes that known: only the same key can, or
reading the object.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ghl_triage.clock import Clock
from ghl_triage.errors import (
    NotAuthenticated,
    NotFound,
    NotPermitted,
    RateLimited,
    RequestRefused,
    SourceError,
    Unreachable,
)
from ghl_triage.model import Outcome, PlannedRequest
from ghl_triage.sources.stripe import REPLAYED_FAULT

TRIES = 4
"""How often one request is sent before its outcome is left open for `resume`."""
LOCK_PAUSE = 5.0
"""Seconds that an object lock is given at the least; Smart Retries hold one for up to half a minute."""
FIRST_PAUSE = 1.0
AGAIN_WITHIN = 900
"""Seconds after its first try in which a request is sent again by itself. All tries take less; what took longer lay
still, on a machine that slept: by then Stripe may have forgotten the key, and the last look is old."""
BUSY_CODES = frozenset({"lock_timeout", "idempotency_key_in_use"})
"""Another request holds the object, or our own first try is still being worked on."""
CONFLICT = 409
"""Stripe's status where requests meet; where its code says no more, our own first try may be the other one."""
OTHER_USE = "idempotency_error"
"""The code of a key that was used with other parameters: it says nothing about what that use did."""
REPLAYED = "Stripe's stored answer to this same attempt"


class Answered(Protocol):
    """What a write gave back."""

    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def replayed(self) -> bool: ...


class Sender(Protocol):
    """Whoever can send a planned request; `sources.stripe_writes.StripeWriter` does."""

    async def send(self, request: PlannedRequest) -> Answered: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """How one request ended.

    `fatal` means that every further request would end like this one: the key is revoked or lacks a right. `kind` is
    what makes two failures the same failure. `data` may hold links: it is never stored as it is. `refused`: Stripe
    itself said no to this key, so no earlier try of it was carried out, for that one's answer would have come back.
    `stored_fault`: Stripe keeps a 5xx as the answer to this key; what it did can only be read.
    """

    outcome: Outcome
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    request_id: str | None = None
    error: str | None = None
    detail: str | None = None
    kind: str = ""
    fatal: bool = False
    refused: bool = False
    stored_fault: bool = False


async def send(sender: Sender, request: PlannedRequest, clock: Clock, *, unsure: bool = False) -> Answer:
    """Send a request with its own key, again while the answer is not definite.

    `unsure`: an earlier try of this key may have arrived, so a "no" of another kind is not definite.
    """
    last: SourceError | None = None
    began = clock.now()
    for attempt in range(TRIES):
        if attempt:
            await clock.sleep(_pause(attempt, last))
            if abs(clock.now() - began) > AGAIN_WITHIN:
                break
        try:
            written = await sender.send(request)
        except Unreachable as error:
            unsure, last = True, error
            if error.code == REPLAYED_FAULT:
                break
        except RateLimited as error:
            last = error
        except SourceError as error:
            if isinstance(error, RequestRefused) and (error.code in BUSY_CODES or error.status == CONFLICT):
                unsure, last = unsure or error.code != "lock_timeout", error
                continue
            return _refused(error, unsure=unsure)
        else:
            return Answer(Outcome.DONE, written.data, written.request_id, detail=REPLAYED if written.replayed else None)
    return _given_up(last, unsure=unsure)


def _pause(attempt: int, last: SourceError | None) -> float:
    """Seconds before the next try, longer each time, with jitter."""
    busy = last is not None and (last.code in BUSY_CODES or last.status == CONFLICT)
    least = LOCK_PAUSE if busy else FIRST_PAUSE
    wait: float = least * 2 ** (attempt - 1)
    return wait + random.uniform(0.0, wait / 2)  # noqa: S311 - jitter, no secret


def _refused(error: SourceError, *, unsure: bool) -> Answer:
    declined = isinstance(error, RequestRefused) and error.status == 402
    # A decline belongs to this key, repeated by Stripe or not: it is the answer to this attempt.
    outcome = Outcome.DECLINED if declined else Outcome.UNKNOWN if unsure else Outcome.FAILED
    return Answer(
        outcome,
        request_id=error.request_id,
        error=decline_text(error) if declined else error.message,
        kind="" if declined else _kind(error),
        detail=REPLAYED if isinstance(error, RequestRefused) and error.replayed else None,
        fatal=will_repeat(error),
        refused=isinstance(error, RequestRefused | NotFound) and not declined and error.code != OTHER_USE,
    )


def will_repeat(error: SourceError) -> bool:
    """Whether every further request would end like this one: the key is revoked, or lacks a right."""
    return isinstance(error, NotAuthenticated | NotPermitted)


def _given_up(last: SourceError | None, *, unsure: bool) -> Answer:
    request_id = last.request_id if last else None
    said = last.message if last else "no answer"
    if unsure:
        stored = last is not None and last.code == REPLAYED_FAULT
        return Answer(Outcome.UNKNOWN, request_id=request_id, error=said, kind="unreachable", stored_fault=stored)
    text = f"Stripe was busy with this object: {said}" if last is not None and last.code in BUSY_CODES else said
    return Answer(Outcome.FAILED, request_id=request_id, error=text, kind=_kind(last) if last else "")


def decline_text(error: SourceError) -> str:
    """A decline in one sentence: the code as Stripe names it, and what Stripe says."""
    code = getattr(error, "decline_code", None) or error.code
    return f"{code}: {error.message}" if code else error.message


def _kind(error: SourceError) -> str:
    return f"{type(error).__name__}:{error.status}:{error.code or error.message[:60]}"
