"""The views of the rail: filters with a name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """A filter with a name; `slug` stands for it in settings and counts."""

    slug: str
    title: str
    filter: str


VIEWS = (
    View("fix-now", "Fix now", "actor:consultant"),
    View("customer", "Customer", "actor:customer"),
    View("ends-soon", "Ends in 7 d", "stage:at_risk trial-ends:<7d"),
    View("waiting", "Waiting", "actor:nobody"),
    View("lost", "Lost", "stage:lost"),
    View("recovered", "Recovered", "stage:recovered"),
    View("all", "All", "stage:*"),
)
"""design.md section 8."""
