"""A report's blocks as JSON and back: how the app's screens get what the command reckoned."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from ghl_triage.report.document import (
    Bar,
    BarChart,
    Block,
    Bullets,
    Code,
    Column,
    Document,
    Heading,
    LineChart,
    Paragraph,
    Series,
    Table,
)


def to_json(document: Document) -> bytes:
    """The document as one JSON object; `from_json` gives the same document back."""
    blocks = [{"kind": _KIND_OF[type(block)], **asdict(block)} for block in document.blocks]
    # The standard library's encoder keeps what others refuse: halves of broken UTF-16, infinite numbers.
    return json.dumps({"title": document.title, "subtitle": document.subtitle, "blocks": blocks}).encode()


def from_json(data: bytes) -> Document:
    """The document that `to_json` wrote. Raises ValueError for anything else."""
    try:
        read = json.loads(data)
        blocks = tuple(_READ[block.pop("kind")](block) for block in read["blocks"])
        return Document(str(read["title"]), str(read["subtitle"]), blocks)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ValueError(f"This is no report: {fault!r}.") from fault


_Fields = dict[str, Any]


def _bullets(fields: _Fields) -> Bullets:
    return Bullets(**{**fields, "items": tuple(fields["items"])})


def _table(fields: _Fields) -> Table:
    columns = tuple(Column(**column) for column in fields["columns"])
    return Table(**{**fields, "columns": columns, "rows": tuple(tuple(row) for row in fields["rows"])})


def _bars(fields: _Fields) -> BarChart:
    return BarChart(**{**fields, "bars": tuple(Bar(**bar) for bar in fields["bars"])})


def _lines(fields: _Fields) -> LineChart:
    series = tuple(
        Series(**{**one, "values": tuple(one["values"]), "texts": tuple(one["texts"])}) for one in fields["series"]
    )
    return LineChart(**{**fields, "labels": tuple(fields["labels"]), "series": series})


_KIND_OF: Mapping[type[Block], str] = {
    Heading: "heading",
    Paragraph: "paragraph",
    Bullets: "bullets",
    Code: "code",
    Table: "table",
    BarChart: "bar_chart",
    LineChart: "line_chart",
}
_READ: Mapping[str, Callable[[_Fields], Block]] = {
    "heading": lambda fields: Heading(**fields),
    "paragraph": lambda fields: Paragraph(**fields),
    "bullets": _bullets,
    "code": lambda fields: Code(**fields),
    "table": _table,
    "bar_chart": _bars,
    "line_chart": _lines,
}
