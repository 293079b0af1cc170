"""A report for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.text import Text

from ghl_triage.report.document import Document
from ghl_triage.report.layout import lay_out
from ghl_triage.report.lines import Look, Row

_STYLES: Mapping[Look, str] = {
    Look.TEXT: "",
    Look.NOTE: "dim",
    Look.STRONG: "bold",
    Look.TITLE: "bold",
    Look.BAR: "cyan",
    Look.RULE: "dim",
    Look.CODE: "green",
}


def render(document: Document, width: int) -> list[Text]:
    """The lines of the document, none wider than `width` cells. Plain text: nothing in it is markup."""
    return styled(lay_out(document, width).rows)


def styled(rows: Iterable[Row]) -> list[Text]:
    """Lines that are laid out, with their colours."""
    return [Text.assemble(*((piece.text, _STYLES[piece.look]) for piece in row)) for row in rows]


def text(document: Document, width: int) -> str:
    """The same without any style, for a file."""
    lines = ("".join(piece.text for piece in line).rstrip() for line in lay_out(document, width).rows)
    return "\n".join(lines) + "\n"
