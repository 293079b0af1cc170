"""Stripe for reading: plain httpx and orjson with the API version pinned, the answers as Stripe sends them.

The SDK's own parser takes more than twice as long for a page of expanded objects (design.md section 7), so it is used
for writes alone (`stripe_writes`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import httpx

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
from ghl_triage.model import Raw
from ghl_triage.rights import spoken
from ghl_triage.sources.secrets import mask
from ghl_triage.sources.transport import Answer, TimedOut, Transport

API_VERSION = "2026-10-28.endive"
"""The shapes that this program reads and writes; pinned, so that an update of the SDK cannot change them silently."""
PAGE = 100
"""The most objects that Stripe puts on one page."""

Params: TypeAlias = Mapping[str, Any]
Heard: TypeAlias = Callable[[str, Params, NotPermitted | None], None]
"""Is told of every path that was read, with what parameters, and of the refusal where a right was missing."""
_RIGHT = re.compile(r"\brak_\w+")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, newest first; `fetched_at` is when its request left, by this machine's own clock."""

    data: Sequence[Raw]
    has_more: bool
    fetched_at: int


class StripeReader:
    """Reads objects and lists. Parameters are nested as in the SDK: `{"created": {"gte": 1}, "expand": ["data.x"]}`.

    It can't write: all that it has is a transport whose one method is GET. `heard` learns the key's rights from it.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.heard: Heard = lambda _path, _params, _refusal: None

    @property
    def requests(self) -> int:
        """How many requests left this machine, repeated tries included."""
        return self.transport.requests

    async def close(self) -> None:
        """Give the connections back."""
        await self.transport.close()

    async def get(self, path: str, params: Params | None = None, *, tries: int | None = None) -> Raw:
        """One object. Raises NotFound where this account and mode have none.

        `tries`: fewer than usual, of which the first silence is the last.
        """
        data, _ = await self.get_dated(path, params, tries=tries)
        return data

    async def get_dated(self, path: str, params: Params | None = None, *, tries: int | None = None) -> tuple[Raw, int]:
        """One object, and when its request left, by this machine's own clock."""
        answer = await self._ask(path, params or {}, tries=tries)
        return _object(answer.data), answer.sent_at

    async def list_page(
        self, path: str, params: Params | None = None, *, gate: asyncio.Semaphore | None = None
    ) -> Page:
        """One page. One that took too long is asked for again at half the size: deep expansions are slow.

        With a `gate` the page comes through it, and whoever gets it must release the gate.
        """
        wanted = {"limit": PAGE, **(params or {})}
        try:
            answer = await self._ask(path, wanted, gate=gate)
        except TimedOut:
            if wanted["limit"] < PAGE:
                raise
            answer = await self._ask(path, {**wanted, "limit": PAGE // 2}, gate=gate)
        data = answer.data.get("data") if isinstance(answer.data, dict) else None
        if not isinstance(data, list):
            if gate is not None:
                gate.release()
            raise Unreachable(f"Stripe answered {path} with something that is no list.")
        return Page(data, bool(answer.data.get("has_more")), answer.sent_at)

    async def iter_pages(self, path: str, params: Params | None = None) -> AsyncIterator[Page]:
        """All pages, one after the other."""
        wanted = dict(params or {})
        while True:
            page = await self.list_page(path, wanted)
            yield page
            if not page.has_more or not page.data:
                return
            wanted["starting_after"] = page.data[-1]["id"]

    async def _ask(
        self, path: str, params: Params, *, gate: asyncio.Semaphore | None = None, tries: int | None = None
    ) -> Answer:
        try:
            answer = await self.transport.get(path, flatten(params), gate=gate, tries=tries)
        except NotPermitted as refusal:
            self.heard(path, params, refusal)
            raise
        self.heard(path, params, None)
        return answer


REPLAYED_FAULT = "replayed_fault"
"""Our code of a 5xx that Stripe has stored under a key: asking again with it gives nothing but the same."""


class StripeErrors:
    """Stripe's errors in our words; domain/stripe.md A.5, 5.8 and 6."""

    name = "Stripe"

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def error(self, status: int, headers: Mapping[str, str], body: Any) -> SourceError:
        """The exception that this answer means; its text is masked."""
        fault = body.get("error") if isinstance(body, dict) else None
        fault = fault if isinstance(fault, dict) else {}
        said = mask(str(fault.get("message") or ""), secrets=self._secrets)
        code = str(fault["code"]) if fault.get("code") else None
        if fault.get("type") == "idempotency_error":
            code = code or "idempotency_error"
        request = headers.get("request-id")
        if status == 401:
            return NotAuthenticated(
                f"Stripe does not accept the key{f': {said}' if said else '.'}",
                hint="`ghl-triage keys show` says where it comes from; keys are made under Developers > API keys.",
                status=status,
                code=code,
                request_id=request,
            )
        if status == 403:
            return _not_permitted(said, status, code, request)
        if status == 404:
            return NotFound(said or "Stripe does not know this object.", status=status, code=code, request_id=request)
        if status == 429 or code == "rate_limit":
            return RateLimited(
                "Stripe is limiting this account's requests.",
                hint="Something else may be using the account heavily; a lower `rate` setting leaves it more room.",
                status=status,
                code=code,
                request_id=request,
            )
        if status >= 500 or not fault:
            replayed = REPLAYED_FAULT if headers.get("idempotent-replayed") == "true" else None
            said = f"Stripe answered {status} and nothing usable."
            return Unreachable(said, status=status, code=replayed, request_id=request)
        return RequestRefused(
            said or f"Stripe refused the request ({status}).",
            status=status,
            code=code,
            request_id=request,
            decline_code=fault.get("decline_code"),
            advice_code=fault.get("advice_code"),
            param=fault.get("param"),
            replayed=headers.get("idempotent-replayed") == "true",
        )

    def limited_by(self, headers: Mapping[str, str], body: Any) -> str:
        """Why a 429 was given; without the header and with `lock_timeout` it is an object lock, no pace."""
        reason = headers.get("stripe-rate-limited-reason", "")
        fault = body.get("error") if isinstance(body, dict) else None
        if not reason and isinstance(fault, dict) and fault.get("code") == "lock_timeout":
            return "lock"
        if reason.endswith("concurrency"):
            return "concurrency"
        return "resource" if reason == "resource-specific" else "rate"


def stripe_reader(
    key: str,
    base: str,
    *,
    clock: Clock,
    rate: float | None = None,
    concurrency: int = 12,
    tries: int | None = None,
    on_request: Callable[[str, str], None] | None = None,
    handler: httpx.AsyncBaseTransport | None = None,
) -> StripeReader:
    """A reader of the account behind `key` at `base`; `handler` stands in for the network in tests."""
    options: dict[str, Any] = {} if tries is None else {"tries": tries}
    return StripeReader(
        Transport(
            base,
            {"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION, "User-Agent": "ghl-triage"},
            dialect=StripeErrors((key,)),
            clock=clock,
            rate=rate,
            concurrency=concurrency,
            secrets=(key,),
            on_request=on_request,
            sets_clock=True,
            handler=handler,
            **options,
        )
    )


def flatten(params: Params, prefix: str = "") -> list[tuple[str, str]]:
    """Nested parameters as Stripe's form writes them: `created[gte]`, `expand[]`, true and false in lower case."""
    flat: list[tuple[str, str]] = []
    for key, value in params.items():
        name = f"{prefix}[{key}]" if prefix else key
        if value is None:
            continue
        if isinstance(value, Mapping):
            flat.extend(flatten(value, name))
        elif isinstance(value, list | tuple):
            flat.extend((f"{name}[]", str(item)) for item in value)
        elif isinstance(value, bool):
            flat.append((name, "true" if value else "false"))
        else:
            flat.append((name, str(value)))
    return flat


def _not_permitted(said: str, status: int, code: str | None, request: str | None) -> NotPermitted:
    rights = tuple(dict.fromkeys(_RIGHT.findall(said)))
    wanted = " and ".join(spoken(right) for right in rights)
    return NotPermitted(
        f"The Stripe key lacks the right {wanted}." if rights else f"The Stripe key may not do this: {said}",
        hint="Add it to the restricted key in the Dashboard under Developers > API keys.",
        status=status,
        code=code,
        request_id=request,
        rights=rights,
    )


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Unreachable("Stripe answered with something that is no object.")
    return data
