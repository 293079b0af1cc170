"""Stripe's API with one test-mode key: paced, repeated where the outcome is unknown, and never in live mode."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from ghl_triage.sandbox.engine.api import API_VERSION

STRIPE = "https://api.stripe.com"
FASTEST = 20.0
"""Requests a second: Stripe allows an account 25 in test mode (docs.stripe.com "Rate limits")."""
_TEST_KEY = re.compile(r"[sr]k_test_[A-Za-z0-9_]+")
_SECRETS = re.compile(r"[sr]k_(?:test|live)_[\w*]+|\w+_secret_\w+|https?://\S+")
"""What no text of Stripe's may carry into a report: keys, client secrets, links."""
_LONGEST = 300
_TRIES = 6
_MOST_PAGES = 200
_AGAIN = frozenset({409, 429, 500, 502, 503, 504})
HOPELESS = frozenset({401, 403})
"""Refusals that are the key's, and come again with each request."""


class NotAllowed(Exception):
    """A key or an address that this program does not use."""


class Unreachable(Exception):
    """Stripe gave no definite answer, however often it was asked."""


class Refused(Exception):
    """Stripe's refusal of a request."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        self.status = status
        self.code = _shown(error.get("code") or error.get("type") or status)
        self.message = _shown(error.get("message") or "")
        super().__init__(f"{status} {self.code}: {self.message}")


def _shown(text: Any) -> str:
    """A text of Stripe's without secrets and control characters."""
    clean = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return _SECRETS.sub("…", clean)[:_LONGEST]


@dataclass(slots=True)
class Pace:
    """Lets so many requests leave in a second, evenly."""

    rate: float = FASTEST
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = field(default=0.0, init=False)

    def wait(self) -> None:
        """Returns when the next request may leave."""
        now = self.monotonic()
        if self._next > now:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self.rate


def check_key(key: str) -> None:
    """NotAllowed for anything but a test-mode key; the text never holds the key."""
    if "_live_" in key:
        raise NotAllowed("this is a live key: only test mode is ever touched (sk_test_… or rk_test_…)")
    if not _TEST_KEY.fullmatch(key):
        raise NotAllowed("STRIPE_API_KEY holds no test-mode key (sk_test_… or rk_test_…)")


def check_base(base: str) -> None:
    """NotAllowed for an address that is neither Stripe's nor this machine's: the key goes nowhere else."""
    address = urlsplit(base)
    if base == STRIPE:
        return
    host = address.hostname or ""
    try:
        own = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        own = False
    if not own:
        raise NotAllowed(f"{host or base} is neither {STRIPE} nor this machine")


class Client:
    """`with Client(key, base) as stripe:` asks as the key's owner. `requests` counts what was sent; `owner` tells keys
    apart and holds nothing of them."""

    def __init__(self, key: str, base: str = STRIPE, pace: Pace | None = None) -> None:
        check_key(key)
        check_base(base)
        self.pace = pace or Pace()
        self.requests = 0
        self.owner = hashlib.sha256(key.encode()).hexdigest()[:12]
        headers = {"Authorization": f"Bearer {key}", "Stripe-Version": API_VERSION}
        self._http = httpx.Client(headers=headers, timeout=40, trust_env=base == STRIPE)
        self._base = base

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One object or page."""
        return self.send("GET", path, params or {})

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """The objects of a list, newest first; Unreachable where it has no end, so that nothing is missed unseen."""
        asked = {"limit": 100, **params}
        for _ in range(_MOST_PAGES):
            page = self.get(path, asked)
            yield from page["data"]
            if not page["has_more"] or not page["data"]:
                return
            asked["starting_after"] = page["data"][-1]["id"]
        raise Unreachable(f"GET {path}: more than {_MOST_PAGES} pages")

    def send(
        self, method: str, path: str, params: Mapping[str, Any], idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """The answer; Refused, or Unreachable after several tries with the same idempotency key.

        What has no key because it deletes is done when a second try finds nothing any more.
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        pairs = dict(encoded(params))
        last = ""
        for turn in range(_TRIES):
            if turn:
                self.pace.sleep(min(8.0, 0.5 * 2**turn))
            self.pace.wait()
            self.requests += 1
            try:
                response = self._http.request(
                    method,
                    self._base + path,
                    params=pairs if method == "GET" else {},
                    data=pairs if method == "POST" else {},
                    headers=headers,
                )
                body = response.json()
            except (httpx.HTTPError, ValueError) as error:
                last = type(error).__name__
                continue
            if response.status_code in _AGAIN:
                last = str(response.status_code)
                continue
            try:
                return _definite(response.status_code, body)
            except Refused as refusal:
                if turn and method == "DELETE" and refusal.code == "resource_missing":
                    return {}
                raise
        raise Unreachable(f"{method} {path}: {last}, {_TRIES} times")


def _definite(status: int, body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Unreachable(f"an answer that is no object ({status})")
    if status >= 400:
        error = body.get("error")
        raise Refused(status, error if isinstance(error, Mapping) else {})
    listed = body.get("data")
    objects = [body, *(listed if isinstance(listed, list) else ())]
    if any(obj.get("livemode") is True for obj in objects):
        raise NotAllowed("Stripe answered from live mode: nothing more is sent")
    return body


def encoded(params: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Parameters in Stripe's form encoding."""
    for name, value in params.items():
        yield from _pairs(f"{within}[{name}]" if within else name, value)


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        yield from encoded(value, name)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _pairs(f"{name}[{number}]", item)
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    elif value is not None:
        yield name, str(value)
