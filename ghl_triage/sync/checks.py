"""One thing that `ghl-triage doctor` looked at, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended. `off` is not in use, by the user's choice."""

    OK = "ok"
    MISSING = "missing"
    WRONG = "wrong"
    UNKNOWN = "not known"
    OFF = "not used"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `purpose` is what it is for, `fix` what to do where it is not ok.

    `needed`: something that matters does not work without it. `named` is what Stripe called a missing right.
    """

    area: str
    name: str
    state: State
    purpose: str
    fix: str = ""
    needed: bool = True
    named: str = ""

    @property
    def fails(self) -> bool:
        """Whether something needed is missing."""
        return self.needed and self.state is State.MISSING
