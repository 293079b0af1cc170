"""The kinds of subscriptions as a table, and the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ghl_triage.diagnosis.signatures import described
from ghl_triage.kind import attributed_words, name_words
from ghl_triage.model import Path
from ghl_triage.text import cells_of, clean, clip, fit, plural
from ghl_triage.tui.spans import Line, Span, Tone, line, paragraph, width_of
from ghl_triage.tui.viewmodels.entry import Entry

if TYPE_CHECKING:
    from ghl_triage.kind import Kind

WIDE = (("Count", 7), ("Path now", 17), ("Application", 14), ("Metadata keys", 24), ("Description", 14), ("Price", 12))
NARROW = (("Count", 5), ("Path now", 9), ("Application", 11), ("Metadata", 13), ("Descr.", 8), ("Price", 7))
"""The columns with their widths in cells; the name has the rest."""
_WIDE_FROM = 110
_MARGIN = 5
"""Cells of a line that the list keeps for its mark and its edge."""
FORGET, AUTO, THIS_PRICE, ANY_PRICE = "forget", "auto", "this", "any"
_MEANINGS = {
    Path.API: "the client's own code",
    Path.CHECKOUT: "Stripe Checkout or a payment link",
    Path.HIGHLEVEL: "HighLevel's own checkout",
    Path.UNKNOWN: "not known, or something else",
}


def _columns(width: int) -> Sequence[tuple[str, int]]:
    return WIDE if width >= _WIDE_FROM else NARROW


def heading(width: int) -> Line:
    """The titles of the columns."""
    titles = [fit(title, cells, right=title == "Count") for title, cells in _columns(width)]
    return line(Span("   " + " ".join([*titles, "Name"]), Tone.MUTED))


def kind_entries(kinds: Sequence[Kind], width: int) -> list[Entry]:
    """One line for each kind."""
    return [Entry(_row(kind, width), kind.id) for kind in kinds]


def _row(kind: Kind, width: int) -> str:
    columns, shape = _columns(width), kind.signature
    application = clean(kind.application_name) or _end_of(clean(shape.application), columns[2][1])
    values = (
        f"{kind.count:,}",
        path_now(kind, confidence=columns is WIDE),
        application,
        clean(" ".join(shape.metadata)),
        clean(shape.description),
        _end_of(clean(shape.price), columns[5][1]),
    )
    cells = [
        fit(value or "–", cells, right=title == "Count") for value, (title, cells) in zip(values, columns, strict=True)
    ]
    rest = width - _MARGIN - sum(cells + 1 for _, cells in columns)
    name = name_words(kind) if kind.name or not kind.automatic else "HighLevel, known"
    return " ".join([*cells, fit(name or "–", max(1, rest))])


def path_now(kind: Kind, *, confidence: bool) -> str:
    """How the kind's subscriptions are attributed: the paths, or the one path and how sure it is."""
    paths = list(dict.fromkeys(path for path, _, _ in kind.attributed))
    sure = list(dict.fromkeys(how for _, how, _ in kind.attributed))
    if len(paths) > 1:
        return "/".join(paths)
    return f"{paths[0]} {sure[0]}" if confidence and len(sure) == 1 else str(paths[0])


def _end_of(text: str, cells: int) -> str:
    """An id by its end: ids of one account begin alike."""
    if cells_of(text) <= cells:
        return text
    return "…" + text[-max(1, cells - 1) :]


def kind_lines(kind: Kind | None, width: int) -> list[Line]:
    """All that makes the kind, how it stands, and examples."""
    if kind is None:
        return [line(Span(" No kinds of subscriptions are known yet: they come with the first sync.", Tone.MUTED))]
    shape = clean(described(kind.signature, {kind.signature.application: kind.application_name}))
    note = f"  ({clean(kind.name.note)})" if kind.name and kind.name.note else ""
    examples = " ".join(clean(each) for each in kind.examples)
    rows = [
        *paragraph(shape, width - 2, Tone.STRONG),
        *paragraph(f"now {attributed_words([kind])}; name {name_words(kind) or 'none'}{note}", width - 2),
        *paragraph(examples, width - 2, Tone.MUTED, lead="for example "),
    ]
    return [line(" ", *row) for row in rows]


def title_line(title: Line, kinds: Sequence[Kind] | None, working: str, width: int) -> Line:
    """What the screen is for, and how far the new verdicts are."""
    if kinds is None:
        said = "reading…"
    else:
        named = sum(kind.name is not None for kind in kinds)
        said = working or f"{plural(len(kinds), 'kind')} of subscriptions, {named:,} named"
    return line(*title, Span(clip(f"   {said}", max(0, width - width_of(title) - 1)), Tone.MUTED))


def path_entries(kind: Kind) -> list[Entry]:
    """The paths to choose from, and to take a name back."""
    known = kind.name.path if kind.name else None
    entries = [Entry(path, path, meaning, active=path is known) for path, meaning in _MEANINGS.items()]
    return [*entries, Entry("forget the name", FORGET, clean(kind.name.name))] if kind.name else entries


def price_entries(kind: Kind, siblings: int) -> list[Entry]:
    """Whether a name holds for this price alone; `siblings` is how many kinds differ in nothing else."""
    return [
        Entry("this price alone", THIS_PRICE, clip(clean(kind.signature.price), 30)),
        Entry("any price", ANY_PRICE, f"{plural(siblings, 'more kind')}"),
    ]


def siblings(kind: Kind, kinds: Sequence[Kind]) -> int:
    """How many other kinds differ from this one in the price alone."""
    own = kind.signature
    return sum(
        each.signature.price != own.price
        and (each.signature.application, each.signature.metadata, each.signature.description)
        == (own.application, own.metadata, own.description)
        for each in kinds
    )


def override_entries(path: Path, confidence: str, evidence: str, width: int) -> list[Entry]:
    """The paths that a case can be given by hand, under what is said of it now."""
    said = paragraph(f"now {path}, {confidence}: {clean(evidence)}", width)
    headings = [Entry("".join(span.text for span in row)) for row in said]
    entries = [Entry(each, each, meaning, active=each is path) for each, meaning in _MEANINGS.items()]
    return [*headings, *entries, Entry("leave it to the signs", AUTO)]
