"""HTTP for reading: paced, retried, with errors in our own words and no secret in any of them.

Only reads go through here, so everything that was limited, failed or cut off is tried again: with full jitter, longer
each time, and longer still where the API names a lock (domain/stripe.md section 6). A `Transport` can GET and nothing
else; an API that searches by POST has a `SearchTransport`.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, Literal, Protocol

import httpx
import orjson

from ghl_triage.clock import Clock, SystemClock
from ghl_triage.errors import RateLimited, SourceError, Unreachable
from ghl_triage.sources.json_text import loads
from ghl_triage.sources.logs import quiet
from ghl_triage.sources.secrets import mask
from ghl_triage.sources.throttle import Throttle

TRIES = 7
"""How often a read is tried before its part counts as failed."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
LOCK_PAUSE = 5.0
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 30.0
"""Stripe calls deep expansions slow: 20 s is the least that a page of them needs."""
DRIFT = 3
"""Seconds that two clocks may differ: a `Date` header is cut to seconds, and answers travel."""

Query = Sequence[tuple[str, str]]

quiet()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: parsed JSON, and when the request left (epoch seconds by this machine's own clock)."""

    data: Any = field(repr=False)
    sent_at: int
    headers: Mapping[str, str] = field(repr=False)


class Dialect(Protocol):
    """How one API words its errors."""

    name: str

    def error(self, status: int, headers: Mapping[str, str], body: Any) -> SourceError:
        """The exception that `status` and `body` (parsed, or None where it was no JSON) mean."""
        ...

    def limited_by(self, headers: Mapping[str, str], body: Any) -> str:
        """Why a 429 was given: "rate", "concurrency", "lock" or "resource"; "stop" where waiting is of no use."""
        ...


class _Setback(Exception):
    """One try that may be repeated, with the shortest pause before the next."""

    def __init__(self, error: SourceError, *, least: float = 0.0, timed_out: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.least = least
        self.timed_out = timed_out


class TimedOut(Unreachable):
    """The answer took too long: a smaller page may come through."""


class Transport:
    """Reads JSON from one API. `requests` counts what left this machine, repeated tries included.

    `sets_clock`: the server's `Date` header sets `clock` right. `patient`: silence is tried again like any other fault;
    else it is waited for once.
    """

    def __init__(
        self,
        base_url: str,
        headers: Mapping[str, str],
        *,
        dialect: Dialect,
        clock: Clock,
        rate: float | None = None,
        concurrency: int = 16,
        secrets: Sequence[str] = (),
        tries: int = TRIES,
        patient: bool = True,
        on_request: Callable[[str, str], None] | None = None,
        sets_clock: bool = False,
        handler: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.requests = 0
        self._dialect = dialect
        self._clock = clock
        self._secrets = tuple(secrets)
        self._tries = tries
        self._patient = patient
        self._on_request = on_request
        self._sets_clock = sets_clock
        self._throttle = Throttle(rate=rate, concurrency=concurrency, clock=clock)
        self._client = httpx.AsyncClient(
            headers=dict(headers),
            timeout=httpx.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT, pool=None),
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            trust_env=not is_loopback(self.base_url),
            transport=handler,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def get(
        self,
        path: str,
        params: Query = (),
        *,
        headers: Mapping[str, str] | None = None,
        gate: asyncio.Semaphore | None = None,
        tries: int | None = None,
    ) -> Answer:
        """One GET, tried again until it comes through or the tries are used up.

        With a `gate`, a good answer is parsed only once the gate lets it through, and whoever gets it must release the
        gate: a page takes ten times as much memory parsed as it does as bytes.
        """
        return await self._read("GET", path, params, headers=headers, gate=gate, tries=tries)

    async def _read(
        self,
        method: Literal["GET", "POST"],
        path: str,
        params: Query = (),
        *,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        gate: asyncio.Semaphore | None = None,
        tries: int | None = None,
    ) -> Answer:
        patient = self._patient and tries is None
        tries = self._tries if tries is None else min(tries, self._tries)
        for attempt in range(tries):
            try:
                return await self._once(method, path, params, json, headers, gate)
            except _Setback as setback:
                if attempt + 1 >= tries or (setback.timed_out and not patient):
                    raise self._final(setback) from None
                await self._clock.sleep(_pause(attempt, setback.least))
        raise AssertionError("tries is at least 1")

    async def _once(
        self,
        method: str,
        path: str,
        params: Query,
        json: Any,
        headers: Mapping[str, str] | None,
        gate: asyncio.Semaphore | None,
    ) -> Answer:
        async with self._throttle.slot():
            self.requests += 1
            if self._on_request is not None:
                self._on_request(method, path)
            sent_at, asked = self._clock.stamp(), self._clock.now()
            content = None if json is None else orjson.dumps(json)
            try:
                response = await self._client.request(
                    method,
                    self.base_url + path,
                    params=list(params),
                    content=content,
                    headers={**(headers or {}), **({"Content-Type": "application/json"} if content else {})},
                )
            except httpx.TimeoutException:
                raise _Setback(self._unreachable("took too long to answer"), timed_out=True) from None
            except (httpx.TransportError, httpx.DecodingError) as error:
                raise _Setback(self._unreachable(_connection_fault(error))) from None
        self._note_date(response.headers.get("date"), asked)
        if gate is None or response.is_error:
            return self._understand(response, sent_at)
        await gate.acquire()
        try:
            return self._understand(response, sent_at)
        except BaseException:
            gate.release()
            raise

    def _understand(self, response: httpx.Response, sent_at: int) -> Answer:
        status, headers = response.status_code, response.headers
        try:
            body = loads(response.content)
        except orjson.JSONDecodeError:
            if status < 300:
                raise _Setback(self._unreachable("sent an answer that is cut off or no JSON", headers)) from None
            body = None
        if status < 300:
            return Answer(body, sent_at, headers)
        error = self._dialect.error(status, headers, body)
        if status == 429 or isinstance(error, RateLimited):
            raise self._limited(error, self._dialect.limited_by(headers, body), headers)
        if isinstance(error, Unreachable):
            raise _Setback(error)
        raise error

    def _limited(self, error: SourceError, reason: str, headers: Mapping[str, str]) -> Exception:
        if reason == "stop":
            return error
        if reason == "concurrency":
            self._throttle.narrow()
        elif reason == "rate":
            self._throttle.slow_down()
        asked = headers.get("retry-after", "")
        least = min(float(asked), LONGEST_PAUSE) if re.fullmatch(r"[0-9]{1,9}", asked) else 0.0
        return _Setback(error, least=max(least, LOCK_PAUSE if reason == "lock" else 0.0))

    def _final(self, setback: _Setback) -> SourceError:
        if not setback.timed_out:
            return setback.error
        return TimedOut(setback.error.message, hint=setback.error.hint)

    def _unreachable(self, what: str, headers: Mapping[str, str] = MappingProxyType({})) -> Unreachable:
        host = httpx.URL(self.base_url).host
        return Unreachable(
            mask(f"{self._dialect.name} ({host}) {what}.", secrets=self._secrets),
            hint="Check the network; nothing was lost, the next sync goes on where this one was.",
            request_id=headers.get("request-id") or headers.get("x-trace-id"),
        )

    def _note_date(self, date: str | None, asked: int) -> None:
        if date is None:
            return
        try:
            told = round(parsedate_to_datetime(date).timestamp())
        except (ValueError, TypeError):
            return
        # It was written between the question and the end of the answer, however long that took.
        drift = told - min(max(told, asked), self._clock.now())
        if self._sets_clock and abs(drift) >= DRIFT and isinstance(self._clock, SystemClock):
            self._clock.offset += drift


class SearchTransport(Transport):
    """For an API that searches by POST: such a request changes nothing, and is tried again like a GET."""

    async def search(self, path: str, json: Any, *, headers: Mapping[str, str] | None = None) -> Answer:
        """One search."""
        return await self._read("POST", path, json=json, headers=headers)


def _pause(attempt: int, least: float) -> float:
    """Seconds before the next try: full jitter, so that many clients that failed together do not return together."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
    return least + random.uniform(0.0, longest)  # noqa: S311 - jitter, no secret


def _connection_fault(error: Exception) -> str:
    if isinstance(error, httpx.ConnectError):
        return "cannot be reached"
    if isinstance(error, httpx.ProxyError):
        return "cannot be reached through the proxy"
    return "broke the connection off"


def is_loopback(url: str) -> bool:
    """A proxy of the environment is of no use for this machine itself."""
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
