"""Faults on order: what a network, a proxy or Stripe itself does on a bad day.

A fault matches "METHOD /path" by a regular expression, lets `after` matching requests pass, and then strikes `times`
times (null: for ever) with a probability. `timeout-after`, `500-after`, `reset-mid-body`, `truncated` and `half-json`
strike when the request was carried out: the client cannot know. `409-lock` is an object lock as older versions of the
API tell it, `409-key` says that another request with this key still runs, `409-key-after` says so while it was carried
out, which is the answer to a second try that comes too soon. `500-replayed` is a fault that Stripe has stored as the
answer to a key.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sandbox.http import limits, wire

BEFORE = frozenset(
    {
        "429",
        "429-no-reason",
        "lock",
        "409-lock",
        "409-key",
        "500",
        "500-replayed",
        "502-html",
        "timeout-before",
        "reset",
    }
)
AFTER = frozenset({"timeout-after", "500-after", "409-key-after", "reset-mid-body", "truncated", "half-json"})
KINDS = BEFORE | AFTER

_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\r\n"


@dataclass(slots=True)
class Fault:
    """One order."""

    match: re.Pattern[str]
    kind: str
    times: int | None = 1
    after: int = 0
    probability: float = 1.0

    @classmethod
    def read(cls, order: Mapping[str, Any]) -> Fault:
        """A fault from its JSON; ValueError for one that makes no sense."""
        unknown = order.keys() - {"match", "kind", "times", "after", "probability"}
        if unknown or order.get("kind") not in KINDS:
            raise ValueError(f"no such fault: {dict(order)}; kinds are {', '.join(sorted(KINDS))}")
        try:
            match = re.compile(str(order.get("match", "")))
        except re.error as error:
            raise ValueError(f"bad pattern {order['match']!r}: {error}") from None
        times = order.get("times", 1)
        return cls(
            match,
            order["kind"],
            None if times is None else int(times),
            int(order.get("after", 0)),
            float(order.get("probability", 1.0)),
        )


@dataclass(slots=True)
class Faults:
    """The orders that stand, with dice of their own so that a seed gives the same bad day."""

    seed: int
    orders: list[Fault] = field(default_factory=list)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311

    def strike(self, method: str, path: str) -> str | None:
        """The kind of fault that hits this request; None for most."""
        line = f"{method} {path}"
        for fault in self.orders:
            if fault.times == 0 or not fault.match.search(line):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.probability < 1 and self._dice.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
            return fault.kind
        return None


@dataclass(frozen=True, slots=True)
class FaultGate:
    """Stands before an API and lets the faults strike. Paths are those that the API itself sees.

    `count` is told of the requests that a fault keeps from the API.
    """

    app: ASGIApp
    faults: Faults
    count: Callable[[str, str], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        kind = self.faults.strike(scope["method"], path) if scope["type"] == "http" else None
        if kind is None:
            await self.app(scope, receive, send)
        elif kind in BEFORE:
            self.count(scope["method"], path)
            await _before(kind, scope, receive, send)
        else:
            await _after(kind, self.app, scope, receive, send)


async def _before(kind: str, scope: Scope, receive: Receive, send: Send) -> None:
    if kind == "reset":
        wire.reset(scope)
    elif kind == "timeout-before":
        await wire.hang(receive)
    elif kind == "502-html":
        await _answer(send, 502, _BAD_GATEWAY, content_type="text/html")
    else:
        await _answer(send, *_error(kind))


def _error(kind: str) -> tuple[int, bytes, dict[str, str]]:
    if kind.startswith("500"):
        message = "An unknown error occurred."
        headers = {"Idempotent-Replayed": "true"} if kind == "500-replayed" else {}
        return 500, _body({"message": message, "type": "api_error"}), headers
    error = _CONFLICTS.get(kind, limits.too_many)()
    headers = {limits.REASON: "global-rate"} if kind == "429" else {}
    status = 409 if kind.startswith("409") else 429
    return status, _body({"code": error.code, "message": error.message, "type": error.type}), headers


def _key_in_use() -> StripeError:
    message = "There is currently another in-progress request using this Idempotent Key. Please try again later."
    return StripeError(message, code="idempotency_key_in_use", status=409, type="idempotency_error")


_CONFLICTS = {
    "lock": limits.lock_timeout,
    "409-lock": limits.lock_timeout,
    "409-key": _key_in_use,
    "409-key-after": _key_in_use,
}


def _body(error: dict[str, Any]) -> bytes:
    return orjson.dumps({"error": error})


async def _answer(
    send: Send,
    status: int,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    content_type: str = "application/json",
    promised: int | None = None,
) -> None:
    named = {"content-type": content_type, "content-length": str(promised or len(body)), "request-id": "req_fault"}
    pairs = [(name.lower().encode(), value.encode()) for name, value in {**named, **(headers or {})}.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body, "more_body": promised is not None})


async def _after(kind: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    body = await _carried_out(app, scope, receive)
    if kind == "timeout-after":
        await wire.hang(receive)
    elif kind in ("500-after", "409-key-after"):
        await _answer(send, *_error(kind))
    elif kind == "half-json":
        await _answer(send, 200, body[: len(body) // 2])
    else:
        await _answer(send, 200, body[: len(body) // 2], promised=len(body))
        if kind == "truncated":
            wire.close(scope)
        else:
            wire.reset(scope)


async def _carried_out(app: ASGIApp, scope: Scope, receive: Receive) -> bytes:
    """The body that the request would have got."""
    parts: list[bytes] = []

    async def keep(message: Message) -> None:
        parts.append(message.get("body", b""))

    await app(scope, receive, keep)
    return b"".join(parts)
