"""Stripe's search over customers, as far as e-mail addresses and names go (docs.stripe.com/search).

Up to ten clauses, joined by AND or by OR; `:` compares whole, `~` a part of at least three characters, both without
regard to case unless Beliefs.customer_search says so. What was made less than a minute ago is not found yet, and what
was changed since then is found as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj, StripeError
from ghl_triage.sandbox.http.pages import DEFAULT_LIMIT, checked_limit

MOST_CLAUSES = 10
DELAY = 60
"""Seconds until a new object, or a new value of an old one, is found."""
_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[\w.]+)(?P<op>[:~])(?P<quote>["'])(?P<value>(?:\\.|(?!(?P=quote)).)*)(?P=quote)"""
)
_JOINT = re.compile(r"\s+(AND|OR)(?=\s)|\s+", re.IGNORECASE)
_FIELDS = ("email", "name")
_SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison."""

    field: str
    part: bool
    value: str
    negated: bool

    def holds(self, customer: Obj, *, exact: bool) -> bool:
        """Whether the customer is one of those that it looks for."""
        text, value = str(customer.get(self.field) or ""), self.value
        if not exact:
            text, value = text.lower(), value.lower()
        found = value in text if self.part else value == text
        return found is not self.negated


def search(engine: Engine, params: Mapping[str, Any]) -> tuple[list[Obj], bool]:
    """One page of the customers that a query finds, newest first, and whether there are more."""
    if engine.beliefs.customer_search == "closed":
        raise StripeError("Search is not available for your account.")
    exact = engine.beliefs.customer_search == "exact"
    clauses, joint = parse(str(params["query"]))
    limit = checked_limit(params.get("limit", DEFAULT_LIMIT))
    test: Callable[[Iterator[bool]], bool] = any if joint == "OR" else all
    seen: dict[str, Obj] = {}
    former = _former(engine)
    changed = (one for customer in former if (one := engine.peek(customer)) and not one.get("deleted"))
    for customer in chain(_candidates(engine, clauses, joint), changed):
        old_enough = customer["created"] <= engine.clock.now - DELAY
        indexed = {**customer, **former.get(customer["id"], {})}
        if old_enough and test(clause.holds(indexed, exact=exact) for clause in clauses):
            seen[customer["id"]] = customer
    found = sorted(seen.values(), key=lambda one: (one["created"], one["id"]), reverse=True)
    start = int(params.get("page") or 0)
    return list(islice(found, start, start + limit)), len(found) > start + limit


def _former(engine: Engine) -> Mapping[str, Mapping[str, Any]]:
    """By customer: the values that the last minute changed, as they were before."""
    since = {"gt": engine.clock.now - DELAY}
    former: dict[str, dict[str, Any]] = {}
    for event in engine.list("event", {"type": "customer.updated", "created": since}):
        before = event["data"].get("previous_attributes") or {}
        known = former.setdefault(event["data"]["object"]["id"], {})
        known |= {name: before[name] for name in _FIELDS if name in before}
    return former


def _candidates(engine: Engine, clauses: list[Clause], joint: str) -> Iterator[Obj]:
    """Customers by their whole addresses where the query names such; else all there are."""
    whole = [each.value for each in clauses if each.field == "email" and not each.part and not each.negated]
    if whole and (joint == "OR") <= (len(whole) == len(clauses)):
        for email in whole:
            yield from engine.list("customer", {"folded_email": email.lower()})
    else:
        yield from engine.list("customer", {})


def parse(query: str) -> tuple[list[Clause], str]:
    """The clauses of a query and what joins them; StripeError for what Stripe does not understand."""
    clauses: list[Clause] = []
    joints: set[str] = set()
    at = 0
    while match := _CLAUSE.match(query, at):
        clauses.append(_clause(match))
        at = match.end()
        if at == len(query):
            break
        joint = _JOINT.match(query, at)
        if joint is None:
            raise _refused(query)
        joints.add((joint[1] or "AND").upper())
        at = joint.end()
    if at != len(query) or not clauses or len(joints) > 1:
        raise _refused(query)
    if len(clauses) > MOST_CLAUSES:
        raise StripeError(f"A query has at most {MOST_CLAUSES} clauses.", param="query")
    return clauses, joints.pop() if joints else "AND"


def _clause(match: re.Match[str]) -> Clause:
    field, value = match["field"], re.sub(r"\\(.)", r"\1", match["value"])
    if field not in _FIELDS:
        raise StripeError(f"Field `{field}` is an unsupported search field for resource `customers`.", param="query")
    if match["op"] == "~" and len(value) < _SHORTEST_PART:
        raise StripeError(f"A part has at least {_SHORTEST_PART} characters.", param="query")
    return Clause(field, match["op"] == "~", value, match["not"] is not None)


def _refused(query: str) -> StripeError:
    return StripeError(f"We were unable to parse your search query: {query[:200]}", param="query")
