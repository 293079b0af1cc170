"""What a rule is: a row of the table in design.md section 5."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from typing import TypeAlias

from ghl_triage.diagnosis.situation import Situation
from ghl_triage.model import ActionKind, Actor, Cause, Evidence

CARDS = "cards not read yet"
SETUPS = "set-ups not read yet"
PAYMENTS = "payments not read yet"
DISPUTES = "disputes not read yet"


class Phase(Flag):
    """Which rows are asked: the stage, with `incomplete` apart."""

    LOST = auto()
    AT_RISK = auto()
    INCOMPLETE = auto()
    FAILING = auto()


@dataclass(frozen=True, slots=True)
class Hit:
    """The row holds. `actor` and `actions` stand where the case differs from what the table says."""

    evidence: tuple[Evidence, ...] = ()
    actor: Actor | None = None
    actions: tuple[ActionKind, ...] | None = None


@dataclass(frozen=True, slots=True)
class Undecided:
    """The row could hold, but the facts that decide were not read yet: no later row may be called before."""

    waits_for: str


Verdict: TypeAlias = Hit | Undecided | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: its cause, the phases that ask it, its test, and who acts how when it holds."""

    cause: Cause
    phases: Phase
    test: Callable[[Situation], Verdict]
    actor: Actor
    actions: tuple[ActionKind, ...] = ()


def seen(object_id: str, field: str, value: object, at: int | None = None) -> Evidence:
    """One thing to check in the Dashboard."""
    return Evidence(object_id, field, "null" if value is None else str(value), at)
