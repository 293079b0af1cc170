"""The table of `ghl-triage cases`: one line a case at every width, and the money is never cut."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from ghl_triage.cli.case_table import lines
from ghl_triage.model import Case
from ghl_triage.rights import Rights
from tests.diagnosis.build import NOW, failing, refused


def cases() -> list[Case]:
    jane, kim, wide = refused("insufficient_funds"), failing(), failing()
    jane.customer["email"] = "jane@acme.test"
    kim.customer["email"] = "a.rather.long.name.of.somebody@a.rather.long.domain.example"
    wide.customer["email"] = "漢字" * 30
    return [world.case() for world in (jane, kim, wide)]


def table(width: int) -> list[str]:
    return [line.plain for line in lines(cases(), now=NOW, locale="en_US", rights=Rights(), width=width)]


@pytest.mark.parametrize("width", [400, 120, 100, 80, 60, 40, 30])
def test_every_case_is_one_line_that_fits_and_shows_its_money(width: int) -> None:
    header, *rows = table(width)
    assert len(rows) == 3
    assert all(cell_len(line) <= width for line in (header, *rows))
    assert all("$97.00" in row for row in rows)
    assert rows[0].startswith("jane@acm")


def test_a_narrow_terminal_goes_without_what_says_least() -> None:
    titles = {width: table(width)[0].split() for width in (400, 70, 40)}
    assert titles[400] == ["Customer", "Path", "Status", "Cause", "Act", "At", "risk", "Next", "Age"]
    assert "Status" not in titles[70]
    assert {"Customer", "Path", "Cause", "Act", "risk", "Next", "Age"} <= set(titles[70])
    assert titles[40] == ["Customer", "Cause", "At", "risk"]


def test_a_customer_without_a_letter_that_shows_goes_by_his_id() -> None:
    unseen = failing()
    unseen.customer |= {"email": "\u3164\u200b", "name": "\u2060"}
    (_, row) = lines([unseen.case()], now=NOW, locale="en_US", rights=Rights(), width=80)
    assert row.plain.startswith("cus_jane")


def test_an_empty_table_is_its_header() -> None:
    assert len(lines([], now=NOW, locale="en_US", rights=Rights(), width=80)) == 1


def test_nothing_is_cut_where_there_is_room() -> None:
    assert "漢字" * 30 in table(400)[3]
