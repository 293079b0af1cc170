"""The audit as its readers get it: one document, the summary first, the same figures in every format."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from ghl_triage.highlevel import HighLevelStranger, RowKind, Strangeness
from ghl_triage.model import ActionKind, Cause, Path, Stage
from ghl_triage.report import html, markdown
from ghl_triage.report.audit.audit import Audit, audit
from ghl_triage.report.audit.layout.document import MOST_CAUSES, brief, document
from ghl_triage.report.audit.verdict import Answer
from ghl_triage.report.display import Display, p_text, percent
from ghl_triage.report.document import Bullets, Document, Heading, Paragraph, Table
from ghl_triage.trial import FailureKind, SetUp
from tests.report.audit.given import NO_DECLINES, NOW, WEEK, audited, empty_handed, paid, refused, row, running


def full() -> Audit:
    """An account with something to say in every part."""
    cases = [
        row(amount=19_700, email="jane@acme.test", name="Jane Roe"),
        row(Cause.NO_OFF_SESSION_SETUP, first_action=ActionKind.RESEND_LINK, stage=Stage.AT_RISK, amount=9_700),
        row(Cause.SOFT_DECLINE, first_action=ActionKind.RETRY, refused="the invoice is void", amount=4_700),
        row(Cause.CARD_EXPIRED, amount=300_000, currency="jpy", path=Path.CHECKOUT),
        row(Cause.CANCELED_FOR_NONPAYMENT, stage=Stage.LOST, amount=0),
        row(None, stage=Stage.RECOVERED, amount=0),
    ]
    trials = [
        *refused(36, FailureKind.AUTHENTICATION, set_up=SetUp.ATTACHED_ONLY, created=NOW - 6 * WEEK),
        *refused(4, FailureKind.DECLINED, set_up=SetUp.ATTACHED_ONLY, created=NOW - 6 * WEEK, code="do_not_honor"),
        *paid(60, set_up=SetUp.ATTACHED_ONLY, created=NOW - 7 * WEEK),
        *paid(95, created=NOW - 9 * WEEK),
        *refused(5, FailureKind.DECLINED, created=NOW - 9 * WEEK),
        *empty_handed(3, created=NOW - 6 * WEEK),
        *running(7, ready_at_start=False),
        *running(3),
    ]
    return audited(cases, trials)


def texts(found: Document) -> list[str]:
    """All sentences and cells."""
    told: list[str] = []
    for block in found.blocks:
        if isinstance(block, Bullets):
            told += block.items
        elif isinstance(block, Table):
            told += [block.note, *(cell for cells in block.rows for cell in cells)]
        elif isinstance(block, Heading | Paragraph):
            told.append(block.text)
    return told


def test_the_summary_says_what_why_how_much_since_when_and_the_verdict() -> None:
    found = document(full(), Display())
    assert isinstance(found.blocks[0], Heading)
    assert found.blocks[0].text == "Summary"
    points = found.blocks[1]
    assert isinstance(points, Bullets)
    assert points.items == (
        "What fails: 3 subscriptions with $244.00, ¥300,000 due. At risk: 1 running trial with $97.00 to come.",
        "Why they fail, the costliest first: card on file is not the default (1 of 3, $197.00); declined for now "
        "(1 of 3, $47.00); card expired (1 of 3, ¥300,000).",
        "Why trials are at risk, the costliest first: card saved without off-session set-up (1 of 1, $97.00).",
        "What can be recovered now, at most: without the customer (retry, default card, resume): 2 cases with "
        "$197.00, ¥300,000 due; by a link that the customer must use: 1 case with $97.00 to come. No rate of success "
        "is assumed.",
        "Since when: custom API checkout: from the week of Oct 12 2026 on more fail: 43 of 43, 100 %; "
        "before 5 of 160, 3.1 % (p < 0.0001, corrected for 2 weeks tried).",
        "What is coming: running trials that began without a usable card that was set up: custom API checkout 7 of 10.",
    )
    verdict = found.blocks[2]
    assert isinstance(verdict, Paragraph)
    assert verdict.text.startswith(
        "The hypothesis of missing off-session set-ups: Supported. On the custom API checkout, cards saved without an "
        "off-session set-up failed at their first charge in 40 of 100, 40 %, cards with one in 5 of 100, 5.0 % (ratio "
    )
    assert "36 of the 40 failures without a set-up wanted authentication" in verdict.text
    assert "explains 36 (75 %). The largest rival explanation: ordinary declines by the bank, 9 (19 %)." in verdict.text


@pytest.mark.parametrize(
    ("answer", "caution"),
    [(Answer.NOT_SUPPORTED, "was not why"), (Answer.NOT_ENOUGH_DATA, "is not decided yet"), (Answer.SUPPORTED, "")],
)
def test_trials_at_risk_for_want_of_a_set_up_are_told_with_the_verdict(answer: Answer, caution: str) -> None:
    found = full()
    judged = replace(found, hypothesis=replace(found.hypothesis, answer=answer))
    warned = [text for text in texts(document(judged, Display())) if "the warning of a rule" in text]
    assert len(warned) == (2 if caution else 0), "beside the summary's list, and under the cause"
    assert all(caution in text for text in warned)
    (outlook,) = (text for text in texts(document(judged, Display())) if text.startswith("A trial is ready when"))
    assert ("will fail more likely" in outlook) == (answer is Answer.SUPPORTED)


def test_the_first_pages_hold_the_summary_and_say_where_the_rest_is() -> None:
    few = [row(cause, amount=100) for cause in list(Cause)[:MOST_CAUSES]]
    found = audited(few, [])
    assert "more in the whole report" not in "".join(texts(brief(found, Display())))
    more = audited([*few, row(Cause.UNKNOWN, amount=1), row(Cause.HARD_DECLINE, amount=1)], [])
    told = texts(brief(more, Display()))
    assert any(text.startswith("2 rows more in the whole report.") for text in told)
    assert "`ghl-triage audit --full`" in told[-1]
    assert not any(text.startswith("Examples, to be looked up") for text in told)
    assert told[:4] == texts(document(more, Display()))[:4]


def test_the_parts_come_in_their_order() -> None:
    headings = [b.text for b in document(full(), Display()).blocks if isinstance(b, Heading) and b.level == 2]
    ours = [
        "Summary",
        "What fails, and why",
        "What each fix recovers",
        "The hypothesis: cards saved without an off-session set-up",
        "The rival explanations",
        "When it began",
        "What is coming",
        "What is over",
        "What this rests on",
    ]
    assert [heading for heading in headings if heading in ours] == ours
    assert "What to change in code: custom API checkout" in headings
    assert "What else acts on these customers" in headings


def test_every_cause_has_its_fix_its_actor_and_ids_to_look_up() -> None:
    found = full()
    told = texts(document(found, Display()))
    example = found.causes[0].paths[0].examples[0]
    ids = f"{example.subscription} {example.customer} {example.invoice}"
    shown = f"{ids}: {example.customer} invoice_settings.default_payment_method = null"
    assert any(shown in text for text in told)
    assert "Fix: Make the card the default, then retry." in told
    assert "Who acts: the consultant." in told
    assert "It can be made now for $197.00." in told


def test_nobody_is_named_unless_asked_for() -> None:
    found = full()
    for text in (
        markdown.render(document(found, Display())),
        orjson.dumps(found, option=orjson.OPT_NON_STR_KEYS).decode(),
    ):
        assert "j***@acme.test" in text
        assert "jane" not in text.lower()


def test_every_format_shows_the_same_figures() -> None:
    found = document(full(), Display())
    pages = markdown.render(found).replace("\\", ""), html.render(found).replace("\u00a0", " ")
    for text in ("$244.00, ¥300,000", "36 of 40: 90 % (77 % to 96 %)", "40 of 100: 40 % (31 % to 50 %)", "43 of 43"):
        for page in pages:
            assert text in page


def test_texts_from_outside_stay_texts() -> None:
    cases = [row(email='<script>alert("x")</script>@a.test', price="[x](http://evil)")]
    page = html.render(document(audited(cases, [], with_customers=True), Display()))
    assert "<script>" not in page


def test_an_account_without_anything_is_told_so() -> None:
    told = texts(document(audited([], []), Display()))
    assert "Nothing fails, and no running trial is at risk." in told
    assert any("Not enough data. No trial of this path has come to its first charge yet." in text for text in told)


def test_verdicts_to_come_are_counted_and_not_guessed() -> None:
    cases = [row(), row(None, pending="cards not read yet"), row(None, pending="cards not read yet")]
    found = audited(cases, [])
    assert [(each.reason, each.cases) for each in found.pending] == [("cards not read yet", 2)]
    assert "No verdict yet for 2 cases: cards not read yet." in texts(document(found, Display()))


def test_rows_of_highlevel_that_belong_to_no_case_are_listed() -> None:
    stranger = HighLevelStranger(
        "hl_1", RowKind.SUBSCRIPTION, Strangeness.UNKNOWN_HERE, "c1", "jane@acme.test", "sub_gone", "cus_gone",
        "active", 9_700, "usd", NOW,
    )  # fmt: skip
    found = audit(
        [], [], about=audited([], []).about, zone=Display().zone, cases_of=lambda _: (), declines=NO_DECLINES,
        strangers=[stranger],
    )  # fmt: skip
    assert found.strangers[0].email == "j***@acme.test"
    told = texts(document(found, Display()))
    assert "hl_1 sub_gone cus_gone" in told
    assert any("this Stripe account does not have" in text for text in told)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"), (0.0, "0 %"), (0.0003, "< 0.1 %"), (0.0312, "3.1 %"), (0.0996, "10 %"), (0.5, "50 %"),
        (0.99, "99 %"), (0.9967, "99.7 %"), (0.9999, "> 99.9 %"), (1.0, "100 %"),
    ],
)  # fmt: skip
def test_shares_read_as_their_numbers_bear(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("p", "text"), [(1e-9, "p < 0.0001"), (0.00042, "p = 0.0004"), (0.0312, "p = 0.031"), (0.42, "p = 0.42")]
)
def test_p_has_no_more_digits_than_it_bears(p: float, text: str) -> None:
    assert p_text(p) == text
