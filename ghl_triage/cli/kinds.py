"""Kinds of subscriptions as `ghl-triage learn` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ghl_triage.diagnosis.signatures import described
from ghl_triage.kind import attributed_words, name_words
from ghl_triage.text import clean, clip, plural

if TYPE_CHECKING:
    from ghl_triage.kind import Kind
    from ghl_triage.model import Path as SoldThrough
    from ghl_triage.report.document import Table

_LONGEST = 200
"""Cells of one value in the table."""
_END = 6
"""So many letters of a price's id tell it from others, as in the reports; `learn NUMBER` shows all of it."""


def kind_document(kind: Kind) -> dict[str, Any]:
    """A kind as `learn --json` prints it: keys are stable."""
    shape, name = kind.signature, kind.name
    return {
        "number": kind.number,
        "id": kind.id,
        "application": shape.application or None,
        "application_name": kind.application_name or None,
        "metadata": list(shape.metadata),
        "description": shape.description or None,
        "price": shape.price or None,
        "count": kind.count,
        "attributed": [
            {"path": path, "confidence": confidence, "count": count} for path, confidence, count in kind.attributed
        ],
        "examples": list(kind.examples),
        "automatic": kind.automatic or None,
        "name": name.name if name else None,
        "path": name.path if name else None,
        "note": (name.note or None) if name else None,
    }


def kinds_table(kinds: Iterable[Kind]) -> Table:
    """The table of `ghl-triage learn`."""
    from ghl_triage.report.document import Column, Table

    titles = ("Id", "Count", "Signs", "Price", "Path now", "Name")
    columns = (Column("No", "right"), *(Column(title, "right" if title == "Count" else "left") for title in titles))
    return Table("", columns, tuple(map(_row, kinds)))


def _row(kind: Kind) -> tuple[str, ...]:
    shape = kind.signature
    signs = (
        kind.application_name or shape.application,
        " ".join(shape.metadata),
        f'"{shape.description}"' if shape.description else "",
    )
    told = (
        clean("; ".join(filter(None, signs))),
        clean(f"…{shape.price[-_END:]}" if shape.price else ""),
        attributed_words([kind]),
        name_words(kind),
    )
    return (str(kind.number), kind.id, f"{kind.count:,}", *(clip(text, _LONGEST) or "–" for text in told))


def kind_lines(kind: Kind) -> Iterator[str]:
    """One kind as `learn NUMBER` prints it."""
    yield f"{kind.number}  {kind.id}  {plural(kind.count, 'subscription')}"
    yield clean(described(kind.signature, {kind.signature.application: kind.application_name}))
    yield f"path now: {attributed_words([kind])}"
    yield f"name: {name_words(kind) or 'none'}"
    if kind.name is not None and kind.name.note:
        yield f"note: {clean(kind.name.note)}"
    yield f"for example: {clean(' '.join(kind.examples))}"


def outcome(kinds: Sequence[Kind], told: SoldThrough | None) -> str:
    """How these kinds stand now that their verdicts are given anew; says where surer signs outweigh what was told."""
    count = sum(kind.count for kind in kinds)
    others = sum(many for kind in kinds for path, _, many in kind.attributed if path is not told)
    surer = f" ({others:,} follow a surer sign)" if told is not None and others else ""
    return f"{plural(count, 'subscription')}, {attributed_words(kinds)}{surer}"
