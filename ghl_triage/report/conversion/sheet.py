"""How the numbers of the conversion report read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ghl_triage.model import Path
from ghl_triage.report.conversion.numbers import Conversion, Group
from ghl_triage.report.display import Display, path_name
from ghl_triage.trial import LeftOut, TrialState

STATES: Mapping[TrialState, str] = {
    TrialState.CONVERTED: "Paid at first try",
    TrialState.RECOVERED: "Recovered later",
    TrialState.OPEN: "Still open",
    TrialState.LOST: "Lost",
    TrialState.CANCELED: "Called off before",
    TrialState.NO_CARD: "Nothing to charge",
}
LEFT_OUT: Mapping[LeftOut, str] = {
    LeftOut.DUPLICATE: "for the same price as another one of the same person, which is the one that stays",
    LeftOut.TEST_CLOCK: "on a test clock",
    LeftOut.FREE: "without a first charge: they cost nothing, or are billed by mail",
    LeftOut.PAID_BEFORE: "of subscriptions that had been paid before the trial began",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The numbers, and how they read."""

    found: Conversion
    display: Display

    def name(self, key: str) -> str:
        """A group's name."""
        if key == "total":
            return "All trials"
        return path_name(Path(key)) if self.found.by == "path" else key or "no price"

    def groups(self) -> list[Group]:
        """The groups, and all of them together where there are several."""
        groups = list(self.found.groups)
        return [*groups, self.found.total] if len(groups) > 1 else groups or [self.found.total]
