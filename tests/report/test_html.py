"""HTML as a browser reads it: well formed, self-contained, every text as text."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

from hypothesis import given

from ghl_triage.report.document import Block, Code, Document, Paragraph
from ghl_triage.report.html import render
from ghl_triage.text import code_lines, harmless
from tests.report.documents import blocks, texts_of
from tests.report.sample import AUDIT

VOID = {"meta", "rect", "path", "polyline", "circle"}
TAGS = VOID | {
    "html", "head", "title", "style", "body", "main", "h1", "h2", "h3", "p", "ul", "ol", "li", "pre", "code", "div",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "desc", "g", "text", "tspan",
}  # fmt: skip
ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "scope", "viewbox", "role", "aria-labelledby", "id",
    "x", "y", "dy", "cx", "cy", "r", "width", "height", "d", "points", "stroke-dasharray", "text-anchor", "font-size",
    "fill", "fill-opacity", "stroke", "stroke-opacity",
}  # fmt: skip


class Page(HTMLParser):
    """Reads a page and refuses what is not closed, or is no tag of ours."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: Counter[str] = Counter()
        self.pieces: list[str] = []
        self.tags: Counter[str] = Counter()
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        assert {name for name, _ in attrs} <= ATTRIBUTES, attrs
        self.tags[tag] += 1
        if tag not in VOID:
            self.open.append(tag)
            self.pieces = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        assert tag in VOID, tag

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag
        self.texts["".join(self.pieces).strip("\n").replace("\u00a0", " ")] += 1
        self.pieces = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


@given(blocks)
def test_every_text_reads_as_it_is_and_nothing_of_it_is_a_tag(block: Block) -> None:
    page = Page(render(Document("Title", "Subtitle", (block,))))
    if isinstance(block, Code):
        assert page.texts["\n".join(code_lines(block.text))] or not code_lines(block.text)[0]
        return
    wanted = Counter(harmless(text).replace("\u00a0", " ") for text in texts_of(block))
    # The labels of a chart's bars are broken into lines; what they say stands whole in its description.
    whole = "; ".join(page.texts)
    assert all(text in page.texts or text in whole for text in wanted)


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    text = render(AUDIT)
    assert "default-src 'none'" in text
    assert not re.search(r"(?:https?:)?//|<script|<link|@import|url\(|\son\w+=|javascript:", text)


def test_a_report_keeps_its_figures() -> None:
    page = Page(render(AUDIT))
    assert page.texts["$11,737.00 ¥4,000"] == 1
    assert page.texts["41.2 % (35.1–47.6),"] == page.texts["96 of 233"] == 1
    assert page.tags["svg"] == 2
    assert page.tags["tr"] == 1 + 4 + 1 + 12


def test_charts_can_be_heard_and_told_apart_without_colour() -> None:
    text = render(AUDIT)
    assert "api, set up off-session: 6.1 % (3.2–11.2), 9 of 148" in text
    assert text.count('role="img" aria-labelledby=') == 2
    assert text.count("stroke-dasharray=") == 1
    assert text.count("</text>\n</g>") == 2


def test_it_prints_with_repeated_heads_and_no_torn_rows() -> None:
    printed = render(AUDIT).partition("@media print")[2].partition("</style>")[0]
    assert "table-header-group" in printed
    assert "break-inside: avoid" in printed


def test_no_line_breaks_inside_a_figure() -> None:
    text = render(Document("T", "", (Paragraph("Ratio 2.1, p < 0.0001, 34 % of all; p = 0.02."),)))
    assert "p\u00a0&lt;\u00a00.0001, 34\u00a0% of all; p\u00a0=\u00a00.02." in text
