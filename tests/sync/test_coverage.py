"""What is known to be read whole grows with the years, and never claims more than was read."""

from __future__ import annotations

from dataclasses import replace

import orjson
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.model import Coverage
from ghl_triage.sync.load import LoadState, covered
from ghl_triage.sync.plan import DAY

NOW = 1_795_392_000
YEAR_AGO = NOW - 365 * DAY


def load(followed: int) -> LoadState:
    return LoadState(NOW, ("charges",), followed=followed)


def test_a_store_that_was_kept_up_still_knows_what_it_read_a_year_ago() -> None:
    known = Coverage(charges_since=YEAR_AGO)
    assert covered(known, load(NOW - 40 * DAY), "charges").charges_since == YEAR_AGO


def test_a_gap_that_nobody_read_ends_what_was_known() -> None:
    known = Coverage(charges_since=YEAR_AGO)
    assert covered(known, load(NOW - 61 * DAY), "charges").charges_since == NOW - 60 * DAY


def test_a_first_load_knows_its_own_window() -> None:
    assert covered(Coverage(), load(0), "charges").charges_since == NOW - 60 * DAY
    # A payment is made with its invoice, and tried for up to two months.
    assert covered(Coverage(), load(0), "paid payments").paid_payments_since == NOW - 120 * DAY


def test_a_longer_history_is_known_as_far_as_it_was_read() -> None:
    longer = replace(load(0), history_days=180)
    assert covered(Coverage(), longer, "charges").charges_since == NOW - 180 * DAY
    assert covered(Coverage(), longer, "checkouts").checkout_sessions_since == NOW - 240 * DAY


def test_a_load_of_another_history_or_program_reads_something_else() -> None:
    assert load(0).reads(60)
    assert not load(0).reads(120)
    older = LoadState.from_json(orjson.dumps({"started": NOW, "left": [], "complete": True}).decode())
    assert older is not None
    assert not older.reads(60)


def test_the_active_ones_are_known_whole_once_they_are_listed() -> None:
    assert not covered(Coverage(), load(0), "canceled").active_subscriptions_read
    assert covered(Coverage(), load(0), "active").active_subscriptions_read


@given(
    st.sampled_from(["charges", "set-ups", "checkouts", "paid payments"]),
    st.integers(YEAR_AGO, NOW),
    st.integers(YEAR_AGO, NOW),
)
def test_it_never_reaches_back_behind_a_gap(part: str, before: int, followed: int) -> None:
    known = Coverage(
        charges_since=before, setup_intents_since=before, checkout_sessions_since=before, paid_payments_since=before
    )
    after = covered(known, load(followed), part)
    names = {
        "charges": after.charges_since,
        "set-ups": after.setup_intents_since,
        "checkouts": after.checkout_sessions_since,
        "paid payments": after.paid_payments_since,
    }
    begins = covered(Coverage(), load(0), part)
    window = min(
        value
        for value in (
            begins.charges_since,
            begins.setup_intents_since,
            begins.checkout_sessions_since,
            begins.paid_payments_since,
        )
        if value is not None
    )
    found = names[part]
    assert found is not None
    assert found == (min(before, window) if followed >= window else window)
