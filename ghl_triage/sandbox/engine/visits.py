"""Who acts when no request of the seller's does: the customer on one of Stripe's pages, or Stripe that reports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ghl_triage.sandbox.engine.api import Request
from ghl_triage.sandbox.engine.state import STRIPE_ITSELF, State


@contextmanager
def visitor(state: State, application: str | None = None) -> Iterator[None]:
    """The customer acts on a page of Stripe's: requests of the page's own, in the name of whoever made it."""
    asking = state.request
    key = "-".join(state.ids.characters(size).lower() for size in (8, 4, 4, 4, 12))
    state.request = Request(state.ids.other("req_"), key, application)
    try:
        yield
    finally:
        state.request = asking


@contextmanager
def by_itself(state: State, application: str | None) -> Iterator[None]:
    """Stripe reports: events without a request."""
    asking, state.request = state.request, replace(STRIPE_ITSELF, application=application)
    try:
        yield
    finally:
        state.request = asking
