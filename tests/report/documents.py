"""Documents of all kinds for property tests: hostile texts, odd numbers, empty parts."""

from __future__ import annotations

from hypothesis import strategies as st

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

HOSTILE = (
    "<script>alert(1)</script>",
    "</td></table><b>x</b>",
    "[link](https://evil.test)",
    "![image](http://evil.test/x.png)",
    "https://evil.test/path?q=1",
    "www.evil.test",
    "jane@acme.test",
    "a | b \\| c",
    "`code` ``more``",
    "a@b|c`d\\e",
    "**bold** _em_ ~~gone~~",
    "# heading",
    "- item",
    "1. item",
    "---",
    "> quote",
    "&lt;b&gt; &#60;",
    "[bold]rich[/bold] [/]",
    "\x1b[31mred\x1b[0m",
    "left\u202eright\u2066",
    "a\nb\r\nc\td",
    "```\nfence\n```",
    "=SUM(A1)",
    "$x$",
    "名前 が 長い",
    "e\u0301" + "\u0301" * 9,
    "{{ title }} {% raw %}",
    "",
)

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map(" ".join),
    st.text("`|\\@*_[]<>&#:/.w-1 ab", max_size=24),
)
numbers = st.one_of(st.floats(0, 1), st.floats(allow_nan=False), st.integers(0, 10**9).map(float))
edges = st.one_of(st.none(), st.floats(0, 1))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.lists(st.builds(Column, texts, st.sampled_from(["left", "right"])), min_size=1, max_size=7))
    rows = draw(st.lists(st.tuples(*[texts] * len(columns)), max_size=4))
    return Table(draw(texts), tuple(columns), tuple(rows), draw(texts))


@st.composite
def line_charts(draw: st.DrawFn) -> LineChart:
    labels = tuple(draw(st.lists(texts, max_size=6)))
    values = st.tuples(*[st.one_of(st.none(), numbers)] * len(labels))
    series = st.builds(Series, texts, values, st.tuples(*[texts] * len(labels)))
    return LineChart(draw(texts), labels, tuple(draw(st.lists(series, max_size=4))), draw(edges))


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, texts, st.sampled_from([2, 3])),
    st.builds(Paragraph, texts, st.sampled_from(["plain", "strong", "note"])),
    st.builds(Bullets, st.lists(texts, max_size=4).map(tuple), st.booleans()),
    st.builds(Code, texts, texts),
    tables(),
    st.builds(BarChart, texts, st.lists(st.builds(Bar, texts, numbers, texts, edges, edges), max_size=4).map(tuple)),
    line_charts(),
)
documents = st.builds(Document, texts, texts, st.lists(blocks, max_size=5).map(tuple))


def texts_of(block: Block) -> list[str]:
    """Every text of a block that is shown: the lines of a chart without labels are not."""
    match block:
        case Heading() | Paragraph() | Code():
            return [block.text]
        case Bullets():
            return list(block.items)
        case Table():
            titles = [column.title for column in block.columns]
            return [block.title, *titles, *(text for row in block.rows for text in row), block.note]
        case BarChart():
            return [block.title, *(text for bar in block.bars for text in (bar.label, bar.text))]
        case LineChart():
            lines = [text for one in block.series for text in (one.label, *one.texts)]
            return [block.title, *block.labels, *(lines if block.labels else [])]
