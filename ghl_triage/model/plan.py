"""What a plan would send, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ghl_triage.model.terms import ActionKind


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request that a plan would send; `params` are Stripe's form parameters, nested as the SDK takes them.

    `undo` are the parameters that would put back what stood there before, None where nothing can; `undoes` is the
    journal's entry that this request takes back.
    """

    method: str
    path: str
    params: Mapping[str, Any]
    idempotency_key: str
    summary: str
    undo: Mapping[str, Any] | None = None
    undoes: int | None = None


class Outcome(StrEnum):
    """How one step of a plan ended."""

    DONE = "done"
    DECLINED = "declined"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What a plan would do to one case: requests, or the reason why it is skipped.

    `checked` says whether the objects were read again for this plan; a plan can be carried out when all steps are.
    `amount` is what the step charges, in minor units of `currency`; 0 where it moves no money.
    """

    case: str
    email: str
    name: str
    action: ActionKind
    requests: tuple[PlannedRequest, ...] = ()
    skipped: str | None = None
    amount: int = 0
    currency: str = ""
    checked: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step ended. `link` is shown or written once and never stored; `error` is one sentence without secrets."""

    step: PlanStep
    outcome: Outcome
    request_id: str | None = None
    error: str | None = None
    detail: str | None = None
    link: str | None = field(default=None, repr=False)
