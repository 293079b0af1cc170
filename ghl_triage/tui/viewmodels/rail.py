"""The rail: views, and how the shown cases spread over path, cause and currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ghl_triage.text import words
from ghl_triage.tui.viewmodels.entry import Entry
from ghl_triage.tui.viewmodels.filter_text import has_value, is_view
from ghl_triage.tui.views import FacetsView


class ViewView(Protocol):
    """A saved filter with a name."""

    @property
    def slug(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def filter(self) -> str: ...


_FACETS = ("path", "cause", "currency")


def rail_entries(views: Sequence[ViewView], facets: FacetsView | None, text: str) -> list[Entry]:
    """Everything that the rail offers for this filter, the counts as far as they are known."""
    counts: Mapping[str, int] = facets.views if facets else {}
    entries = [Entry("Views")]
    entries += [
        Entry(view.title, f"view:{view.slug}", _count(counts.get(view.slug)), is_view(text, view.filter))
        for view in views
    ]
    for name in _FACETS:
        values: Sequence[tuple[str, int]] = getattr(facets, name) if facets else ()
        if values:
            entries.append(Entry(name.capitalize()))
        entries += [
            Entry(words(value), f"{name}:{value}", _count(count), has_value(text, name, value))
            for value, count in values
        ]
    return entries


def _count(count: int | None) -> str:
    if count is None:
        return ""
    return f"{count:,}" if count < 100_000 else f"{count // 1000}k"
