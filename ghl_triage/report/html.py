"""A report as one HTML file that needs nothing else: style inside, charts as SVG, no script, no outside address."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ghl_triage.report.chart_lines import values_table
from ghl_triage.report.charts import WIDTH, drawn_bars, drawn_lines
from ghl_triage.report.document import BarChart, Block, Bullets, Code, Document, Heading, LineChart, Paragraph, Table
from ghl_triage.text import code_lines, harmless

if TYPE_CHECKING:
    from jinja2 import Template

_KEPT = re.compile(r"(?<=\d) (?=%)|(?<=\bp) (?=[<=] \d)|(?<=\bp [<=]) (?=\d)")


def render(document: Document) -> str:
    """The whole document. The template escapes every text."""
    blocks = [_block(block) for block in document.blocks]
    page = _template().render(
        title=harmless(document.title), subtitle=harmless(document.subtitle), blocks=blocks, width=WIDTH
    )
    return page.lstrip()


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ghl_triage.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["harmless"] = _shown
    return environment.get_template("report.html.jinja")


def _shown(text: str) -> str:
    """Text that breaks no line between a figure and its per cent sign, nor inside of `p < 0.05`."""
    return _KEPT.sub("\u00a0", harmless(text))


def _block(block: Block) -> dict[str, Any]:
    """What the template draws a block from."""
    match block:
        case Heading() | Paragraph() | Bullets() | Table():
            drawn: dict[str, Any] = {"block": block}
        case Code():
            drawn = {"text": "\n".join(code_lines(block.text))}
        case BarChart():
            drawn = {"chart": drawn_bars(block)}
        case LineChart():
            drawn = {"chart": drawn_lines(block), "table": values_table(block)}
    return {"kind": type(block).__name__, **drawn}
