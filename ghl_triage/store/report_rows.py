"""Reads the cases as the reports count them: light rows, a hundred thousand in about two seconds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ghl_triage.model import ActionKind, Actor, Cause, Finding, Path, Stage


@dataclass(frozen=True, slots=True)
class ReportCase:
    """One case as a report counts it. `amount` is in minor units of `currency`, times are UTC epoch seconds.

    Texts that a case does not have are empty, as in the table of cases. `first_action` is the first step that is
    recommended, and `refused` says why it is refused now (None: it is not). Both, and the invoice, are read for
    failing, at-risk and lost cases only. `pending` says what a verdict still waits for.
    """

    subscription: str
    customer: str
    email: str
    name: str
    path: Path
    stage: Stage
    cause: Cause | None
    actor: Actor
    findings: tuple[Finding, ...]
    amount: int
    currency: str
    price: str
    code: str
    advice: str
    brand: str
    funding: str
    country: str
    attempts: int
    status: str
    trial_end: int | None
    failed_at: int | None
    created: int
    next_retry_at: int | None = None
    invoice: str | None = None
    first_action: ActionKind | None = None
    refused: str | None = None
    pending: str = ""


_PLAIN = """subscription, customer, email, name, path, stage, cause, actor, findings, amount, currency, price, code,
    advice, brand, funding, country, attempts, status, trial_end, failed_at, created, next_retry_at"""
# The case as a whole is parsed only where somebody has to do something: JSON is what costs the time.
_SELECT = f"""
SELECT {_PLAIN}, json_extract(json, '$.invoice'), json_extract(json, '$.recommended[0]'),
       json_extract(json, '$.blocked."' || json_extract(json, '$.recommended[0]') || '"'), pending
FROM cases JOIN case_details USING (row) WHERE stage IN ('failing', 'at_risk', 'lost')
UNION ALL
SELECT {_PLAIN}, NULL, NULL, NULL, pending FROM cases WHERE stage NOT IN ('failing', 'at_risk', 'lost')
"""  # noqa: S608
_CAUSES: dict[str, Cause | None] = {"": None} | {cause.value: cause for cause in Cause}
_ACTIONS: dict[str | None, ActionKind | None] = {None: None} | {action.value: action for action in ActionKind}


def report_cases(connection: sqlite3.Connection) -> Iterator[ReportCase]:
    """Every case of the store, in no order that means anything."""
    yield from map(_row, connection.execute(_SELECT))


def _row(values: tuple[Any, ...]) -> ReportCase:
    *who, path, stage, cause, actor, findings = values[:9]
    fields = (
        *who,
        _path(path),
        _stage(stage),
        _CAUSES[cause],
        _actor(actor),
        _findings(findings),
        *values[9:-3],
        _ACTIONS[values[-3]],
        *values[-2:],
    )
    return ReportCase(*fields)


@lru_cache(maxsize=1_024)
def _findings(packed: str) -> tuple[Finding, ...]:
    return tuple(Finding(slug) for slug in packed.split(",") if slug)


_path = lru_cache(maxsize=16)(Path)
_stage = lru_cache(maxsize=16)(Stage)
_actor = lru_cache(maxsize=16)(Actor)
