"""The remedies: only for what was found, on its own path, in Stripe's field names of today."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.model import Cause, Finding, Path
from ghl_triage.report import remedies
from ghl_triage.report.document import Block, Bullets, Code, Heading, Paragraph, Table
from ghl_triage.report.remedies import choice
from ghl_triage.report.remedies.layout import example_source

counts = st.integers(0, 400)
causes = st.dictionaries(st.sampled_from(Path), st.dictionaries(st.sampled_from(Cause), counts))
findings = st.dictionaries(st.sampled_from(Path), st.dictionaries(st.sampled_from(Finding), counts))


def text_of(blocks: tuple[Block, ...]) -> str:
    """All that a reader reads."""
    parts: list[str] = []
    for block in blocks:
        match block:
            case Heading() | Paragraph() | Code():
                parts.append(block.text)
            case Bullets():
                parts += block.items
            case Table():
                parts += [cell for row in block.rows for cell in row]
    return "\n".join(parts)


def titles(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Heading) and block.level == 2]


def test_an_account_without_such_cases_gets_no_sermon() -> None:
    assert remedies.blocks({}, {}) == ()
    assert remedies.blocks({Path.API: {Cause.DISPUTED: 12, Cause.SOFT_DECLINE: 3}}, {}) == ()
    assert remedies.blocks({Path.UNKNOWN: {Cause.NO_OFF_SESSION_SETUP: 9}}, {}) == ()


def test_each_path_speaks_for_itself() -> None:
    api = remedies.blocks({Path.API: {Cause.NO_OFF_SESSION_SETUP: 77}}, {})
    assert titles(api) == ["What to change in code: custom API checkout"]
    assert "77" in text_of(api)
    assert "pending_setup_intent" in text_of(api)
    checkout = remedies.blocks({Path.CHECKOUT: {Cause.NO_PAYMENT_METHOD: 1}}, {})
    assert titles(checkout) == ["What to change: Stripe Checkout"]
    assert "payment_method_collection=always" in text_of(checkout)
    assert "start_trial" not in text_of(checkout)


def test_the_null_secret_is_explained_where_it_may_stand_behind_a_cause_or_was_logged() -> None:
    told = "client_secret is null"
    assert told in text_of(remedies.blocks({Path.API: {Cause.SETUP_NOT_COMPLETED: 1}}, {}))
    assert told in text_of(remedies.blocks({}, {Path.API: {Finding.CLIENT_SECRET_NULL_LOGGED: 1}}))
    assert told not in text_of(remedies.blocks({Path.API: {Cause.DUPLICATE_SUBSCRIPTION: 1}}, {}))


def test_the_example_that_is_printed_is_the_module_that_the_tests_run() -> None:
    blocks = remedies.blocks({Path.API: {Cause.CARD_NOT_DEFAULT: 4}}, {})
    (code,) = [block for block in blocks if isinstance(block, Code) and block.language == "python"]
    assert code.text == example_source()
    compile(code.text, "custom_checkout.py", "exec")
    assert len(code.text.splitlines()) < 120


def test_highlevel_s_ladder_and_the_reasons_for_update_billing() -> None:
    unlisted = remedies.blocks({}, {Path.API: {Finding.NOT_IN_HIGHLEVEL: 121}})
    ladder = next(block for block in unlisted if isinstance(block, Bullets))
    assert len(ladder.items) == 4
    assert "PUT /saas/update-saas-subscription/{locationId}" in ladder.items[0]
    assert "does not add a row" in ladder.items[0]
    assert "121" in text_of(unlisted)
    wrong = remedies.blocks(
        {Path.API: {Cause.CARD_NOT_DEFAULT: 5}}, {Path.CHECKOUT: {Finding.HIGHLEVEL_OTHER_CUSTOMER: 3}}
    )
    table = next(block for block in wrong if isinstance(block, Table) and block.rows[0][0] == "H1")
    assert [row[0] for row in table.rows] == ["H1", "H2", "H3", "H4", "H5", "H6"]
    assert [row[-1] for row in table.rows] == ["3", "0", "5", "cannot be seen", "0", "0"]


@given(causes, findings)
def test_every_remedy_shown_was_asked_for_and_every_count_is_that_of_its_path(
    causes: Mapping[Path, Mapping[Cause, int]], findings: Mapping[Path, Mapping[Finding, int]]
) -> None:
    for chosen in choice.choose(causes, findings):
        assert chosen.causes or chosen.findings
        for cause, count in chosen.causes.items():
            assert count == causes[chosen.remedy.path][cause] > 0
            assert cause in chosen.remedy.causes
    assert "\x1b" not in text_of(remedies.blocks(causes, findings))


@pytest.mark.parametrize(
    "old",
    ["latest_invoice.payment_intent.client_secret", "current_period_end", "subscription_details", "ui_mode=embedded"],
)
def test_no_field_that_stripe_took_away_is_recommended(old: str) -> None:
    everything = {path: dict.fromkeys(Cause, 1) for path in Path}
    assert old not in text_of(remedies.blocks(everything, {path: dict.fromkeys(Finding, 1) for path in Path}))


def test_each_slug_is_its_own_and_each_cause_has_one_remedy_a_path() -> None:
    slugs = [remedy.slug for remedy in choice.ALL]
    assert len(set(slugs)) == len(slugs)
    for path in Path:
        of_path = [cause for remedy in choice.ALL if remedy.path is path for cause in remedy.causes]
        assert len(set(of_path)) == len(of_path)
