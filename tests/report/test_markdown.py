"""Markdown as a reader of GitHub's dialect understands it: the texts as they were, and no structure but ours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ghl_triage.report.document import BarChart, Block, Code, Column, Document, LineChart, Paragraph, Table
from ghl_triage.report.markdown import render
from ghl_triage.text import code_lines, harmless
from tests.report.documents import HOSTILE, blocks, texts_of
from tests.report.sample import AUDIT

PLAIN = {"text", "text_special", "code_inline", "strong_open", "strong_close", "em_open", "em_close"}


def parsed(block: Block) -> list[Token]:
    reader = MarkdownIt("gfm-like")
    assert reader.linkify is not None
    # GitHub links bare addresses and e-mails, but no word only because it ends like a domain.
    reader.linkify.set({"fuzzy_link": False})
    return reader.parse(render(Document("Title", "Subtitle", (block,))))[6:]


def shown(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            children = token.children or []
            assert {child.type for child in children} <= PLAIN, token.content
            yield "".join(child.content for child in children)


@given(blocks)
def test_every_text_reads_as_it_is_and_nothing_of_it_is_markup(block: Block) -> None:
    tokens = parsed(block)
    if isinstance(block, Code):
        assert [token.type for token in tokens] == ["fence"]
        assert tokens[0].content.split("\n")[:-1] == code_lines(block.text)
        return
    found = Counter(text for text in shown(tokens) if text)
    wanted = Counter(filter(None, map(harmless, texts_of(block))))
    if isinstance(block, BarChart | LineChart):
        # Bars stand beside the texts, in cells of their own or before them.
        assert all(any(text in cell for cell in found) for text in wanted)
    else:
        assert found == wanted


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_keeps_its_cells_whatever_stands_in_them(text: str) -> None:
    table = Table("", (Column("one"), Column("two")), ((text, "x"), ("y", text)))
    kinds = Counter(token.type for token in parsed(table))
    assert (kinds["tr_open"], kinds["td_open"], kinds["table_open"]) == (3, 4, 1)


@pytest.mark.parametrize("text", ["www.evil.test", "(www.evil.test)", "mailto:x", "@someone", "x https://evil.test."])
def test_what_github_would_make_a_link_of_is_set_as_code(text: str) -> None:
    (inline,) = (token for token in parsed(Paragraph(text)) if token.type == "inline")
    assert any(child.type == "code_inline" for child in inline.children or [])


def test_ordinary_text_is_not_littered_with_backslashes() -> None:
    text = "card_not_default: 29.2 % of $9,700.00 (95 % interval 25.1 to 33.6), Nov 20 10:15, api + checkout."
    assert render(Document("T", "", (Paragraph(text),))) == f"# T\n\n{text}\n"


def test_a_report_has_its_figures_and_its_bars() -> None:
    text = render(AUDIT)
    assert "| card not default | api | 121 | 29.2 % | $11,737.00 ¥4,000 | You: make the card the default |" in text
    assert "| 2025-W41 | ████████ 26 % | █ 2 % |" in text
    assert '```python\nsetup = stripe.v1.setup_intents.create(\n    {\n        "customer": customer,' in text
