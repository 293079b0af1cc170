"""Pages of a list: limit, cursors, has_more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

from ghl_triage.sandbox.engine.api import Obj, StripeError
from ghl_triage.sandbox.http.form import Nested

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
_PAGING = frozenset({"limit", "starting_after", "ending_before", "expand"})


class Lister(Protocol):
    """What gives the objects of a list: the engine, or the events as they are seen from outside."""

    def __call__(
        self,
        kind: str,
        filters: Mapping[str, Any],
        *,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> Iterator[Obj]: ...


def page(lister: Lister, kind: str, params: Nested, filters: Mapping[str, Any]) -> tuple[list[Obj], bool]:
    """One page, newest first, and whether there is more in the direction of the cursor."""
    limit = checked_limit(params.get("limit", DEFAULT_LIMIT))
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        message = "Received both starting_after and ending_before parameters. Please pass in only one."
        raise StripeError(message, code="parameters_exclusive", param="starting_after")
    asked = {name: value for name, value in params.items() if name not in _PAGING}
    found = list(islice(lister(kind, {**asked, **filters}, starting_after=after, ending_before=before), limit + 1))
    more, found = len(found) > limit, found[:limit]
    if before:
        found.reverse()
    return found, more


def checked_limit(limit: int) -> int:
    """How many objects a page may have; StripeError where Stripe would refuse."""
    if limit > MAX_LIMIT:
        message = f"This value must be less than or equal to {MAX_LIMIT} (it currently is '{limit}')"
        raise StripeError(message, code="parameter_invalid_integer", param="limit")
    if limit < 1:
        message = f"This value must be greater than or equal to 1 (it currently is '{limit}')"
        raise StripeError(message, code="parameter_invalid_integer", param="limit")
    return limit
