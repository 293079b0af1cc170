"""The table of trials: written with the verdicts, read in a stretch of time, filled in stores of older programs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.model import Caps, Confidence, Coverage
from ghl_triage.model import Path as SoldThrough
from ghl_triage.store import schema
from ghl_triage.store.connection import transaction
from ghl_triage.store.migrations import MIGRATIONS
from ghl_triage.store.migrations.cases import TRIALS
from ghl_triage.store.reader import Reader
from ghl_triage.store.schema import migrations, open_store
from ghl_triage.store.trials import drop_trials, write_trials
from ghl_triage.store.writer import Writer
from ghl_triage.trial import FailureKind, FirstCharge, LeftOut, SetUp, Trial, TrialState, Try
from tests.store.given import DAY, NOW, customer, invoice, subscription
from tests.store.test_file import _first_steps

FULL = Trial(
    subscription="sub_1",
    customer="cus_1",
    path=SoldThrough.API,
    confidence=Confidence.STRONG,
    price="price_Basic",
    currency="usd",
    amount=9_700,
    created=NOW - 33 * DAY,
    trial_start=NOW - 33 * DAY,
    trial_end=NOW - 3 * DAY,
    status="past_due",
    state=TrialState.RECOVERED,
    first_charge=FirstCharge.FAILED,
    set_up=SetUp.ON_SESSION,
    left_out=LeftOut.DUPLICATE,
    first_charge_at=NOW - 3 * DAY,
    failure=FailureKind.DECLINED,
    code="insufficient_funds",
    advice="try_again_later",
    paid_at=NOW,
    amount_paid=9_700,
    checked_at_sign_up=False,
    ready_at_start=True,
    duplicate_customer=True,
    brand="visa",
    funding="credit",
    country="US",
    tries=(Try(NOW - 3 * DAY, False), Try(NOW, True, ours=True)),
)
EMPTY = Trial(
    "sub_2", "cus_2", SoldThrough.UNKNOWN, Confidence.WEAK, None, "eur", 0, NOW, NOW, NOW + DAY, "trialing",
    TrialState.RUNNING, FirstCharge.NOT_DUE, SetUp.UNREAD,
)  # fmt: skip


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with Writer(path) as writer:
        yield writer._connection


def test_a_trial_comes_back_as_it_was_written(path: Path, connection: sqlite3.Connection) -> None:
    with transaction(connection):
        assert write_trials(connection, [EMPTY, FULL]) == 2
    with Reader(path) as reader:
        assert list(reader.trials()) == [FULL, EMPTY], "by their end"


def test_what_is_as_it_was_costs_no_write(connection: sqlite3.Connection) -> None:
    with transaction(connection):
        write_trials(connection, [FULL, EMPTY])
        assert write_trials(connection, [FULL, EMPTY]) == 0
        assert write_trials(connection, [FULL, replace(EMPTY, duplicate_customer=True)]) == 1


def test_a_stretch_of_time_holds_its_beginning_and_not_its_end(path: Path, connection: sqlite3.Connection) -> None:
    with transaction(connection):
        write_trials(connection, [FULL, EMPTY])
    with Reader(path) as reader:
        assert list(reader.trials(since=FULL.trial_end, until=EMPTY.trial_end)) == [FULL]
        assert list(reader.trials(since=FULL.trial_end + 1)) == [EMPTY]
        assert list(reader.trials(until=FULL.trial_end)) == []


def test_trials_go_with_their_subscription(path: Path, connection: sqlite3.Connection) -> None:
    with transaction(connection):
        write_trials(connection, [FULL, EMPTY])
        assert drop_trials(connection, ["cus_1", "cus_2"], keep=["sub_2"]) == 1
    with Reader(path) as reader:
        assert [each.subscription for each in reader.trials()] == ["sub_2"]


def _one_customer(writer: Writer) -> None:
    running = subscription(status="trialing", trial_start=NOW - 3 * DAY, trial_end=NOW + 27 * DAY)
    writer.write_objects([customer(), running, invoice(status="paid")], fetched_at=NOW)


def test_verdicts_bring_the_trials(path: Path) -> None:
    with Writer(path) as writer, Reader(path) as reader:
        _one_customer(writer)
        writer.rediagnose(None, NOW, Caps())
        assert [(each.subscription, each.state, each.amount) for each in reader.trials()] == [
            ("sub_1", TrialState.RUNNING, 9_700)
        ]
        version = reader.data_version()
        writer.rediagnose(None, NOW, Caps())
        assert reader.data_version() == version, "nothing new: nothing written"
        writer.mark_deleted("subscription", ["sub_1"])
        writer.rediagnose(None, NOW, Caps())
        assert list(reader.trials()) == []


def older(path: Path, monkeypatch: pytest.MonkeyPatch, *, complete: bool) -> None:
    """A store of the program before trials were counted, with one case in it."""
    steps = MIGRATIONS.index(TRIALS)
    with monkeypatch.context() as patched:
        patched.setattr(schema, "migrations", lambda: _first_steps(migrations(), steps))
        patched.setattr(schema, "VERSION", steps)
        open_store(path)
    schema._seen.clear()
    connection = sqlite3.connect(path)
    coverage = {"charges_since": NOW - 60 * DAY, "invoice_payments_read": True, "setup_intents_since": NOW - 60 * DAY}
    load = {"started": NOW, "left": [], "complete": complete}
    connection.executemany(
        "INSERT INTO state (key, value) VALUES (?, ?)",
        [("coverage", json.dumps(coverage)), ("cursor:load", json.dumps(load) if complete else "")],
    )
    connection.execute(
        """INSERT INTO cases (subscription, customer, rank, rank_at, path, status, stage, cause, pending, actor,
               findings, amount, amount_milli, currency, attempts, created, since, email, name, sort_name, card, brand,
               funding, country, price, code, advice, search)
           VALUES ('sub_1', 'cus_1', 0, 0, 'api', 'past_due', 'failing', '', '', 'nobody', '', 0, 0, 'usd', 0, 0, 0, '',
               '', '', '', '', '', '', '', '', '', '')"""
    )
    connection.commit()
    connection.close()


def test_a_store_of_before_is_filled_by_the_next_sync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older(path, monkeypatch, complete=True)
    with Reader(path) as reader:
        assert list(reader.trials()) == []
        assert reader.cursor("undiagnosed") == "1", "everybody is due for a new verdict"
        assert reader.coverage() == Coverage(
            charges_since=NOW - 60 * DAY,
            setup_intents_since=NOW - 60 * DAY,
            invoice_payments_read=True,
            paid_payments_since=NOW - 60 * DAY,
            subscriptions_since=NOW - 120 * DAY,
        )


def test_a_load_that_was_cut_off_claims_nothing_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older(path, monkeypatch, complete=False)
    with Reader(path) as reader:
        found = reader.coverage()
    assert (found.paid_payments_since, found.subscriptions_since) == (None, None)
    assert found.charges_since == NOW - 60 * DAY
