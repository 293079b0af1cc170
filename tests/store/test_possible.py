"""What can be done to a case stands in its row: nobody must open it to see."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.model import ActionKind, Case, Cause, Stage
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.store.given import case, row_of

RETRY, LINK, DEFAULT = ActionKind.RETRY, ActionKind.RESEND_LINK, ActionKind.FIX_DEFAULT
RESUME, CANCEL = ActionKind.RESUME_SUBSCRIPTION, ActionKind.CANCEL_DUPLICATE


def possible_in_its_row(writer: Writer, reader: Reader, made: Case) -> tuple[ActionKind, ...] | None:
    """What the case's row says after it was written."""
    writer.save_cases([made])
    row = row_of(reader, made.subscription)
    (line,) = reader.case_rows([row])
    return line.possible


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, (RETRY, LINK, DEFAULT)),
        ({"blocked": {RETRY: "a dispute is open"}}, (LINK, DEFAULT)),
        ({"blocked": {RETRY: "x", DEFAULT: "several cards"}, "link": None}, ()),
        ({"stage": Stage.LOST, "status": "canceled"}, (LINK,)),
        ({"stage": Stage.AT_RISK, "status": "trialing"}, (LINK, DEFAULT)),
        ({"pending": "cards not read yet", "cause": None}, (RETRY, LINK)),
        ({"status": "paused", "invoice": None}, (LINK, DEFAULT, RESUME)),
        ({"cause": Cause.DUPLICATE_SUBSCRIPTION, "blocked": {RETRY: "cancel it first"}}, (LINK, DEFAULT, CANCEL)),
        ({"invoice": None, "payment_methods": (), "candidate_payment_method": None}, (LINK,)),
    ],
)
def test_a_row_names_what_is_possible(
    changes: dict[str, Any], wanted: tuple[ActionKind, ...], writer: Writer, reader: Reader
) -> None:
    made = case(1, **({"blocked": {}} | changes))
    assert possible_in_its_row(writer, reader, made) == wanted
    said = {entry.kind for entry in ACTIONS if entry.applies(made) is None}
    assert said - {ActionKind.UNDO} == set(wanted), "whether something can be taken back is the journal's to say"


def test_a_row_of_an_older_program_gets_it_with_the_next_verdict(path: Path, writer: Writer, reader: Reader) -> None:
    made = case(1)
    wanted = possible_in_its_row(writer, reader, made)
    older = sqlite3.connect(path)
    with older:
        older.execute("UPDATE cases SET possible = NULL")
    older.close()
    row = row_of(reader, made.subscription)
    assert reader.case_rows([row])[0].possible is None
    assert possible_in_its_row(writer, reader, made) == wanted
