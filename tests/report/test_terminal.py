"""A report on the terminal: every text, no wider than the screen, nothing of it taken for style."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from ghl_triage.report import terminal
from ghl_triage.report.chart_lines import drawn_bar
from ghl_triage.report.document import Bar, Block, Bullets, Code, Column, Document, Heading, Paragraph, Table
from ghl_triage.report.layout import NARROWEST, lay_out
from ghl_triage.text import code_lines, harmless
from tests.report.documents import blocks, documents, texts_of
from tests.report.sample import AUDIT


def printed(document: Document, width: int, **options: object) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, highlight=False, emoji=False, **options)  # type: ignore[arg-type]
    for line in terminal.render(document, width):
        console.print(line)
    return out.getvalue()


def letters(text: str) -> str:
    """What is left when lines and columns do not count."""
    return re.sub(r"\s", "", text)


@given(documents, st.integers(NARROWEST, 140))
def test_no_line_is_wider_than_the_screen(document: Document, width: int) -> None:
    assert max(map(cell_len, terminal.text(document, width).splitlines())) <= width


@given(blocks)
def test_every_text_is_there(block: Block) -> None:
    shown = letters(terminal.text(Document("", "", (block,)), 400))
    wanted = code_lines(block.text) if isinstance(block, Code) else map(harmless, texts_of(block))
    assert all(letters(text) in shown for text in wanted)


def test_running_text_stays_readable_on_a_wide_screen() -> None:
    document = Document("T", "", (Paragraph("word " * 100), Bullets(("word " * 100,))))
    assert max(map(len, terminal.text(document, 240).splitlines())) <= 100


def test_a_table_that_fits_stands_side_by_side() -> None:
    lines = terminal.text(AUDIT, 120).splitlines()
    assert "card not default      api         121  29.2 %  $11,737.00 ¥4,000  You: make the card the default" in lines


def test_at_80_columns_words_wrap_and_figures_do_not() -> None:
    lines = terminal.text(AUDIT, 80).splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("card not default  "))
    assert "29.2 % $11,737.00 ¥4,000 You: make the card" in lines[first]
    assert lines[first + 1].strip() == "the default"


def test_titles_wrap_before_what_stands_below_them() -> None:
    columns = (Column("Path"), *(Column(f"paid at try {number}", "right") for number in range(9)))
    table = Table("", columns, (("custom API checkout", *["120"] * 9),))
    lines = terminal.text(Document("T", "", (table,)), 80).splitlines()
    assert "custom API checkout   120   120   120   120   120   120   120   120   120" in lines


def test_figures_break_only_where_a_new_one_begins() -> None:
    table = Table(
        "", (Column("Path"), *[Column("rate", "right")] * 3), (("api", *["43 of 129: 33 % (26 % to 42 %)"] * 3),)
    )
    lines = terminal.text(Document("T", "", (table,)), 60).splitlines()
    assert [" ".join(line.split()) for line in lines[5:7]] == [
        "api 43 of 129: 33 % 43 of 129: 33 % 43 of 129: 33 %",
        "(26 % to 42 %) (26 % to 42 %) (26 % to 42 %)",
    ]


def test_a_table_with_too_many_columns_stands_row_under_row() -> None:
    columns = (Column(""), *(Column(f"figure {number}", "right") for number in range(12)))
    table = Table("Many", columns, (("api", *(f"{number},000.00" for number in range(12))),))
    lines = terminal.text(Document("T", "", (table,)), 80).splitlines()
    assert "api" in lines
    assert "figure 3   3,000.00" in lines


def test_a_long_name_is_broken_between_its_words() -> None:
    name = "cus_K8g07SXh8rMlQg customer.invoice_settings.default_payment_method = null"
    shown = terminal.text(Document("T", "", (Bullets((name,)),)), 30).splitlines()[3:]
    assert shown == ["• cus_K8g07SXh8rMlQg", "  customer.invoice_settings.", "  default_payment_method =", "  null"]


@pytest.mark.parametrize(
    ("bar", "drawn"),
    [
        (Bar("", 0.5, ""), "▆▆▆▆▆"),
        (Bar("", 0.01, ""), "▖"),
        (Bar("", 0.5, "", 0.3, 0.8), "▆▆▆├─●──┤"),
        (Bar("", 0.0, "", 0.0, 0.0), "●"),
        (Bar("", 1.0, "", 0.9, 1.0), "▆▆▆▆▆▆▆▆▆●"),
        (Bar("", 7.0, ""), "▆▆▆▆▆▆▆▆▆▆"),
        (Bar("", -1.0, ""), ""),
    ],
)
def test_a_bar_is_as_long_as_its_value_and_its_whiskers_are_the_interval(bar: Bar, drawn: str) -> None:
    assert drawn_bar(bar, 1.0, 10) == drawn


def test_a_line_chart_shows_its_run_and_every_value() -> None:
    text = terminal.text(AUDIT, 80)
    assert "api        ▂▂▂▂▆▇▇▇▇·▇▇\nhighlevel  ▁▁▁▁▁▁▁▁▁▁▁▁\n           2025-W36 – 2025-W47\n" in text
    assert re.search(r"^2025-W41 +26 % +2 %$", text, re.MULTILINE)


def test_without_colour_nothing_but_letters_leaves() -> None:
    text = printed(AUDIT, 80)
    assert "\x1b" not in text
    assert text.splitlines() == [line.rstrip() for line in text.splitlines()]


def test_hostile_text_reaches_the_terminal_as_text() -> None:
    name = "[bold]x[/bold] [/] \x1b[31mred \u202eleft"
    text = printed(Document(name, name, (Bullets((name,)),)), 80, force_terminal=True)
    assert text.count("[bold]x[/bold] [/] [31mred left") == 3
    assert "\u202e" not in text
    assert "\x1b[31m" not in text


def test_sections_are_where_the_headings_are() -> None:
    layout = lay_out(AUDIT, 80)
    wanted = [block.text for block in AUDIT.blocks if isinstance(block, Heading) and block.level == 2]
    assert ["".join(piece.text for piece in layout.rows[at]) for at in layout.sections] == wanted
