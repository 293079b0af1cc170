"""Pace and locks: what makes Stripe answer 429 and 409."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ghl_triage.sandbox.engine.api import StripeError

TEST_MODE_RATE = 25
"""Requests a second that Stripe allows an account in test mode (docs.stripe.com "Rate limits")."""

REASON = "Stripe-Rate-Limited-Reason"


def too_many() -> StripeError:
    """Stripe's answer above the rate."""
    message = (
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits."
    )
    return StripeError(message, code="rate_limit", status=429)


def lock_timeout() -> StripeError:
    """Stripe's answer where another request or process holds the object."""
    message = (
        "This object cannot be accessed right now because another API request or Stripe process is currently "
        "accessing it. If you see this error intermittently, retry the request. If you see this error frequently and "
        "are making multiple concurrent requests to a single object, make your requests serially or at a lower rate."
    )
    return StripeError(message, code="lock_timeout", status=429)


@dataclass(slots=True)
class Bucket:
    """A token bucket: `rate` a second, and as many at once."""

    rate: float
    monotonic: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._tokens = self.rate
        self._at = self.monotonic()

    def take(self) -> bool:
        """Whether one more request is allowed now."""
        now = self.monotonic()
        self._tokens = min(self.rate, self._tokens + (now - self._at) * self.rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


@dataclass(slots=True)
class Locks:
    """The ids that writes in flight hold."""

    held: set[str] = field(default_factory=set)

    @contextmanager
    def hold(self, targets: tuple[str, ...]) -> Iterator[None]:
        """Holds all targets, or raises lock_timeout when one is held already."""
        if not self.held.isdisjoint(targets):
            raise lock_timeout()
        self.held.update(targets)
        try:
            yield
        finally:
            self.held.difference_update(targets)
