"""How the numbers of the conversion report read."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.model import Path
from ghl_triage.report.conversion.numbers import Conversion, Group
from ghl_triage.report.display import Display, path_name
from ghl_triage.text import clean

_END = 6
"""So many letters of a price's id tell it from others."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The numbers, and how they read."""

    found: Conversion
    display: Display

    def name(self, key: str) -> str:
        """A group's name."""
        if key == "total":
            return "All trials"
        return path_name(Path(key)) if self.found.by == "path" else self._price(key)

    def _price(self, price: str) -> str:
        """What it asks for, and the end of its id: two prices may ask for the same."""
        asked = self.found.prices.get(price)
        end = f"…{clean(price)[-_END:]}" if price else "no price"
        return f"{self.display.one(*asked)} ({end})" if asked else end

    def groups(self) -> list[Group]:
        """The groups, and all of them together where there are several."""
        groups = list(self.found.groups)
        return [*groups, self.found.total] if len(groups) > 1 else groups or [self.found.total]
