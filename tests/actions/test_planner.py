"""What a plan would do, and what it refuses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghl_triage.actions.as_json import plan_to_json
from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.actions.confirm import confirmation
from ghl_triage.actions.describe import headline, plan_lines, request_line, skip_groups
from ghl_triage.actions.facts import Subject
from ghl_triage.actions.plan import Choices, Plan
from ghl_triage.actions.planner import plan
from ghl_triage.model import ActionKind, CardView, Cause, Finding, Level, LinkKind, OwnAttempt, PlanStep, Records, Stage
from tests.actions.given import CARD, DAY, NOW, case, customer, invoice, subject, subscription, without_default


def planned(kind: ActionKind, *subjects: Subject, choices: Choices | None = None) -> Plan:
    return plan(kind, subjects, plan_id="p1", now=NOW, choices=choices)


def one(kind: ActionKind, of: Subject, choices: Choices | None = None) -> PlanStep:
    (step,) = planned(kind, of, choices=choices).steps
    return step


class TestRetry:
    def test_pays_the_invoice_that_counts_off_session_with_stripes_own_choice(self) -> None:
        step = one(ActionKind.RETRY, subject(case(), default="pm_good"))
        (request,) = step.requests
        assert (request.method, request.path) == ("POST", "/v1/invoices/in_1/pay")
        assert request.params == {"off_session": True}
        assert request.summary == "pay in_1 with Visa 4242 (exp 08/30)"
        assert (step.amount, step.currency) == (9_700, "usd")

    def test_charges_what_is_left_on_that_invoice_not_what_all_open_ones_owe(self) -> None:
        owes_more = case(amount_at_risk=19_400)
        assert one(ActionKind.RETRY, subject(owes_more, invoices=(invoice(amount_remaining=5_000),))).amount == 5_000

    def test_a_card_that_must_be_named_is_judged_instead_of_stripes_choice(self) -> None:
        shadowed = case(
            blocked={ActionKind.RETRY: "the card that would be charged expired"},
            effective_payment_method="pm_bad",
            effective_level=Level.INVOICE,
        )
        step = one(ActionKind.RETRY, subject(shadowed, named=("pm_good", None)))
        assert step.requests[0].params == {"off_session": True, "payment_method": "pm_good"}
        assert one(ActionKind.RETRY, subject(shadowed, named=("pm_good", "lost"))).skipped == "lost"
        foreign = one(ActionKind.RETRY, subject(shadowed, named=("pm_of_another", None)))
        assert foreign.skipped == "pm_of_another is not attached to this customer"

    def test_paid_elsewhere_can_be_waived_case_by_case_and_nothing_else_can(self) -> None:
        found = (Finding.PAID_ELSEWHERE,)
        paid = case(findings=found, blocked={ActionKind.RETRY: "the same amount was paid elsewhere (ch_1)"})
        waiver = Choices(waived=frozenset({"sub_1"}))
        assert one(ActionKind.RETRY, subject(paid), waiver).requests
        assert one(ActionKind.RETRY, subject(paid), Choices(waived=frozenset({"sub_2"}))).skipped
        disputed = case(findings=found, blocked={ActionKind.RETRY: "a payment is disputed"})
        assert one(ActionKind.RETRY, subject(disputed), waiver).skipped == "a payment is disputed"

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"status": "paid", "amount_remaining": 0}, "the invoice is paid"),
            ({"status": "void"}, "the invoice is void"),
            ({"status": "draft"}, "draft"),
            ({"amount_remaining": 0}, "nothing is left to pay"),
            ({"next_payment_attempt": NOW + 3_599}, "Stripe itself tries again in 59 min"),
        ],
    )
    def test_is_refused_where_the_invoice_says_so(self, changes: dict[str, Any], reason: str) -> None:
        step = one(ActionKind.RETRY, subject(case(), invoices=(invoice(**changes),)))
        assert reason in (step.skipped or "")
        assert step.requests == ()

    def test_stripes_own_attempt_further_off_is_no_reason(self) -> None:
        assert one(ActionKind.RETRY, subject(case(), invoices=(invoice(next_payment_attempt=NOW + 3_601),))).requests

    def test_is_refused_without_a_method_naming_the_remedy(self) -> None:
        assert "fix_default first" in (one(ActionKind.RETRY, subject(without_default())).skipped or "")

    def test_what_diagnosis_refuses_stays_refused(self) -> None:
        blocked = case(blocked={ActionKind.RETRY: "a dispute is open"})
        assert one(ActionKind.RETRY, subject(blocked)).skipped == "a dispute is open"

    def test_our_own_attempts_count_before_any_sync_saw_them(self) -> None:
        recent = OwnAttempt("in_1", None, NOW - 3_600)
        assert "less than 24 hours ago: wait until Nov 19 10:06 UTC" in (
            one(ActionKind.RETRY, subject(case(), own_attempts=(recent,))).skipped or ""
        )
        four = tuple(OwnAttempt("in_1", None, NOW - days * DAY) for days in (9, 7, 5, 3))
        assert "that is the limit" in (one(ActionKind.RETRY, subject(case(), own_attempts=four)).skipped or "")
        of_another = OwnAttempt("in_2", None, NOW - 3_600)
        assert one(ActionKind.RETRY, subject(case(), own_attempts=(of_another,))).skipped is None

    def test_says_money_not_access_and_pays_both_invoices_when_asked(self) -> None:
        older = case(reviving_invoice="in_9")
        both = subject(older, invoices=(invoice(), invoice(9, amount_remaining=2_000)), default="pm_good")
        step = one(ActionKind.RETRY, both)
        assert len(step.requests) == 1
        assert any("money, not access" in note for note in step.notes)
        step = one(ActionKind.RETRY, both, Choices(also_reviving=True))
        assert [request.path for request in step.requests] == ["/v1/invoices/in_1/pay", "/v1/invoices/in_9/pay"]
        assert step.amount == 11_700

    def test_says_money_not_access_where_a_draft_would_give_access_back(self) -> None:
        unpaid = case(reviving_invoice="in_9")
        step = one(ActionKind.RETRY, subject(unpaid, invoices=(invoice(), invoice(9, status="draft"))))
        assert [request.path for request in step.requests] == ["/v1/invoices/in_1/pay"]
        assert any("money, not access" in note and "in_9, a draft" in note for note in step.notes)

    def test_a_batch_leaves_alone_who_is_going_to_cancel(self) -> None:
        leaving = case(findings=(Finding.CANCEL_SCHEDULED,))
        assert one(ActionKind.RETRY, subject(leaving)).requests
        batch = planned(ActionKind.RETRY, subject(leaving), subject(case(2), number=2))
        assert "cancellation is scheduled" in (batch.steps[0].skipped or "")

    def test_nothing_is_sent_while_an_earlier_attempt_hangs(self) -> None:
        step = one(ActionKind.RETRY, subject(case(), in_flight="a payment of in_1 has no answer yet"))
        assert "resume" in (step.skipped or "")


class TestFixDefault:
    def test_sets_the_customers_level_where_the_subscription_names_none(self) -> None:
        (request,) = one(ActionKind.FIX_DEFAULT, subject(without_default())).requests
        assert request.path == "/v1/customers/cus_1"
        assert request.params == {"invoice_settings": {"default_payment_method": "pm_good"}}

    @pytest.mark.parametrize(("read", "said"), [(True, "send a link"), (False, "not read yet")])
    def test_says_whether_there_is_no_card_or_none_was_looked_for(self, read: bool, said: str) -> None:
        bare = replace_facts(subject(without_default(candidate_payment_method=None)), cards_read=read)
        assert said in (one(ActionKind.FIX_DEFAULT, bare).skipped or "")

    def test_sets_the_subscriptions_level_where_it_names_one(self) -> None:
        own = case(effective_payment_method="pm_bad", candidate_payment_method="pm_good")
        of = subject(own, sub=subscription(default_payment_method="pm_bad"))
        assert [request.path for request in one(ActionKind.FIX_DEFAULT, of).requests] == ["/v1/subscriptions/sub_1"]

    def test_sets_both_where_the_subscriptions_shadows(self) -> None:
        shadowed = case(cause=Cause.DEFAULT_SHADOWED, candidate_payment_method="pm_good")
        of = subject(shadowed, sub=subscription(default_payment_method="pm_bad"), default="pm_other")
        assert [request.path for request in one(ActionKind.FIX_DEFAULT, of).requests] == [
            "/v1/subscriptions/sub_1",
            "/v1/customers/cus_1",
        ]

    def test_an_incomplete_subscription_cannot_be_changed_so_the_customer_is(self) -> None:
        waiting = without_default(status="incomplete")
        of = subject(waiting, sub=subscription(status="incomplete", default_payment_method="pm_bad"))
        assert [request.path for request in one(ActionKind.FIX_DEFAULT, of).requests] == ["/v1/customers/cus_1"]

    def test_lists_the_others_that_it_reaches_and_a_batch_skips_them(self) -> None:
        others = (
            subscription(7, customer="cus_1", status="active"),
            subscription(8, customer="cus_1", default_payment_method="pm_own"),
            subscription(9, customer="cus_1", status="canceled"),
        )
        of = subject(without_default(), others=others)
        notes = one(ActionKind.FIX_DEFAULT, of).notes
        assert [note for note in notes if "sub_" in note] == ["also changes what sub_7 (active) is charged with"]
        batch = planned(ActionKind.FIX_DEFAULT, of, subject(without_default(2), number=2))
        assert "sub_7" in (batch.steps[0].skipped or "")
        assert batch.steps[1].requests

    def test_several_cards_are_a_question_for_one_case_and_a_skip_in_a_batch(self) -> None:
        cards = (CARD, CardView("pm_else", "card", "visa", "1111", 9, 2030))
        several = without_default(
            blocked={ActionKind.FIX_DEFAULT: "several cards: choose one"},
            candidate_payment_method=None,
            findings=(Finding.SEVERAL_CARDS,),
            payment_methods=cards,
        )
        assert "choose one" in (one(ActionKind.FIX_DEFAULT, subject(several)).skipped or "")
        chosen = one(ActionKind.FIX_DEFAULT, subject(several), Choices(payment_method="pm_else"))
        assert chosen.requests[0].params == {"invoice_settings": {"default_payment_method": "pm_else"}}

    def test_an_expired_card_is_no_choice(self) -> None:
        expired = CardView("pm_old", "card", "visa", "1111", 1, 2020)
        of = subject(without_default(payment_methods=(expired,)))
        assert (
            one(ActionKind.FIX_DEFAULT, of, Choices(payment_method="pm_old")).skipped
            == "Visa 1111 (exp 01/20) is expired"
        )

    def test_cards_not_read_yet_are_no_ground_to_choose_on(self) -> None:
        unread = without_default(pending="cards not read yet", candidate_payment_method=None)
        assert one(ActionKind.FIX_DEFAULT, subject(unread)).skipped == "cards not read yet"

    def test_a_card_that_is_the_default_already_needs_nothing(self) -> None:
        already = case(candidate_payment_method="pm_good")
        assert "already" in (one(ActionKind.FIX_DEFAULT, subject(already, default="pm_good")).skipped or "")

    def test_says_that_the_retry_must_name_the_card_where_the_invoice_names_another(self) -> None:
        of = subject(without_default(), invoices=(invoice(default_payment_method="pm_bad"),))
        assert any(
            "the retry will name Visa 4242 (exp 08/30)" in note for note in one(ActionKind.FIX_DEFAULT, of).notes
        )

    def test_calls_the_card_by_its_name_and_keeps_the_ids_in_the_request(self) -> None:
        own = case(effective_payment_method="pm_bad", candidate_payment_method="pm_good")
        for of, level in (
            (subject(without_default()), "customer"),
            (subject(own, sub=subscription(default_payment_method="pm_bad")), "subscription"),
        ):
            (request,) = one(ActionKind.FIX_DEFAULT, of).requests
            assert request.summary == f"make Visa 4242 (exp 08/30) the {level}'s default"
            assert "pm_good" in request_line(request)
        unknown = without_default(payment_methods=())
        assert (
            one(ActionKind.FIX_DEFAULT, subject(unknown)).requests[0].summary == "make pm_good the customer's default"
        )


class TestLinks:
    def test_a_hosted_invoice_is_only_read(self) -> None:
        step = one(ActionKind.RESEND_LINK, subject(case()))
        assert [(request.method, request.path) for request in step.requests] == [("GET", "/v1/invoices/in_1")]
        assert not planned(ActionKind.RESEND_LINK, subject(case())).writes

    def test_a_portal_page_updates_the_card_and_outlives_its_session(self) -> None:
        (request,) = one(ActionKind.RESEND_LINK, subject(case(link=LinkKind.PORTAL))).requests
        assert request.params["flow_data"]["type"] == "payment_method_update"
        assert request.params["after_expiration"] == {"type": "customer_login"}

    def test_a_set_up_page_says_which_subscription_it_is_for_and_what_follows(self) -> None:
        step = one(ActionKind.RESEND_LINK, subject(case(link=LinkKind.SETUP_CHECKOUT, currency="eur")))
        (request,) = step.requests
        assert (request.params["mode"], request.params["currency"]) == ("setup", "eur")
        assert request.params["setup_intent_data"] == {"metadata": {"subscription_id": "sub_1"}}
        assert any("becomes the default" in note for note in step.notes)

    def test_a_new_checkout_has_the_old_price_and_no_second_trial(self) -> None:
        lost = case(stage=Stage.LOST, status="canceled", link=LinkKind.NEW_CHECKOUT, invoice=None)
        of = subject(lost, sub=subscription(status="canceled"), invoices=())
        (request,) = one(ActionKind.RESEND_LINK, of).requests
        assert request.params["line_items"] == [{"price": "price_1", "quantity": 1}]
        assert "trial" not in str(request.params)

    def test_a_deleted_customer_gets_no_page(self) -> None:
        lost = case(stage=Stage.LOST, status="canceled", link=LinkKind.NEW_CHECKOUT, invoice=None)
        of = replace_facts(subject(lost, sub=subscription(status="canceled"), invoices=()), customer_deleted=True)
        assert "was deleted" in (one(ActionKind.RESEND_LINK, of).skipped or "")

    @pytest.mark.parametrize("where", ["same customer", "same e-mail", "old invoice"])
    def test_a_new_checkout_is_refused_where_it_would_bill_twice(self, where: str) -> None:
        lost = case(stage=Stage.LOST, status="canceled", link=LinkKind.NEW_CHECKOUT)
        other = subscription(5, status="active")
        of = subject(
            lost,
            sub=subscription(status="canceled"),
            invoices=(invoice(),) if where == "old invoice" else (),
            others=(other,) if where == "same customer" else (),
            namesakes=(Records(customer=customer(5), subscriptions=(other,)),) if where == "same e-mail" else (),
        )
        assert "bill twice" in (one(ActionKind.RESEND_LINK, of).skipped or "")


class TestResume:
    def test_resumes_a_paused_subscription_that_has_a_card(self) -> None:
        paused = case(status="paused", cause=Cause.TRIAL_ENDED_WITHOUT_CARD, invoice=None)
        (request,) = one(ActionKind.RESUME_SUBSCRIPTION, subject(paused, invoices=())).requests
        assert (request.path, request.params) == ("/v1/subscriptions/sub_1/resume", {})

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"status": "past_due"}, "not paused"),
            ({"status": "paused", "effective_payment_method": None}, "send a link first"),
            ({"status": "paused", "cause": Cause.DISPUTED}, "dispute"),
        ],
    )
    def test_is_refused(self, changes: dict[str, Any], reason: str) -> None:
        assert reason in (one(ActionKind.RESUME_SUBSCRIPTION, subject(case(**changes))).skipped or "")


def test_one_card_is_not_charged_more_often_than_the_cap_allows_by_several_cases_of_a_plan() -> None:
    charges = tuple(
        {"id": f"ch_{number}", "payment_method": "pm_good", "created": NOW - number * DAY, "status": "failed"}
        for number in range(1, 8)
    )
    older = {"id": "ch_old", "payment_method": "pm_good", "created": NOW - 31 * DAY, "status": "failed"}
    cases = [
        subject(case(number, customer="cus_1"), number=number, default="pm_good", charges=(*charges, older))
        for number in (1, 2)
    ]
    first, second = planned(ActionKind.RETRY, *cases).steps
    assert first.requests
    assert "8 attempts with this card in 30 days" in (second.skipped or "")


def test_the_caps_of_a_card_hold_for_a_resumed_subscription_and_for_a_card_that_two_customers_share() -> None:
    charges = tuple(
        {"id": f"ch_{number}", "payment_method": "pm_good", "created": NOW - number * DAY, "status": "failed"}
        for number in range(1, 9)
    )
    paused = case(status="paused", cause=Cause.TRIAL_ENDED_WITHOUT_CARD, invoice=None)
    (step,) = planned(ActionKind.RESUME_SUBSCRIPTION, subject(paused, invoices=(), charges=charges)).steps
    assert "8 attempts with this card in 30 days" in (step.skipped or "")
    plastic = (replace(CARD, fingerprint="plastic"),)
    both = [
        subject(case(number, payment_methods=plastic), number=number, default="pm_good", charges=charges[:7])
        for number in (1, 2)
    ]
    assert len(planned(ActionKind.RETRY, *both).to_send) == 2, "a test card is everybody's"
    shared = [replace_facts(of, card_shared=True) for of in both]
    assert len(planned(ActionKind.RETRY, *shared).to_send) == 1


@pytest.mark.parametrize(("own", "sent"), [(None, 2), ("pm_good", 2), ("pm_lost", 0)])
def test_two_invoices_are_paid_with_one_card_or_not_at_all(own: str | None, sent: int) -> None:
    """The verdict was on the card of the first: what the other one names itself may be lost."""
    both = (invoice(), invoice(9, default_payment_method=own))
    of = subject(case(reviving_invoice="in_9"), invoices=both, default="pm_good")
    (step,) = planned(ActionKind.RETRY, of, choices=Choices(also_reviving=True)).steps
    assert len(step.requests) == sent
    assert (step.skipped or "").startswith("in_9 would be paid with another card") is (sent == 0)


def test_one_object_is_changed_once_by_a_plan() -> None:
    """Two subscriptions of one customer: the first case sets his default, the second has nothing left to do."""
    both = [subject(without_default(number, customer="cus_1"), number=number) for number in (1, 2)]
    first, second = planned(ActionKind.FIX_DEFAULT, *both).steps
    assert [request.path for request in first.requests] == ["/v1/customers/cus_1"]
    assert second.skipped == "another case of this plan does /v1/customers/cus_1 already"


class TestOffers:
    """Keys are shown for what a choice would change, and for nothing else."""

    OTHER = CardView("pm_other", "card", "visa", "1111", 8, 2031)

    def test_a_plan_that_nobody_can_change_offers_nothing(self) -> None:
        assert not planned(ActionKind.RETRY, subject(case())).offers
        of = replace_facts(subject(case()), choosable=(CARD,))
        assert not planned(ActionKind.RETRY, of).offers

    @pytest.mark.parametrize("kind", [ActionKind.RETRY, ActionKind.FIX_DEFAULT])
    def test_cards_where_another_one_could_be_meant(self, kind: ActionKind) -> None:
        of = replace_facts(subject(case()), choosable=(self.OTHER, CARD))
        offered = planned(kind, of).offers
        assert (offered.cards, offered.card) == ((self.OTHER, CARD), "pm_good")
        assert not planned(kind, of, replace_facts(subject(case(2), number=2), choosable=(self.OTHER,))).offers
        assert not planned(kind, replace_facts(of, in_flight="something hangs")).offers
        assert not planned(kind, replace_facts(subject(case(stage=Stage.LOST)), choosable=(self.OTHER,))).offers

    def test_the_newest_invoice_where_the_step_pays_another_one(self) -> None:
        both = subject(case(reviving_invoice="in_9"), invoices=(invoice(), invoice(9)))
        assert planned(ActionKind.RETRY, both).offers.reviving == "in_9"
        taken = planned(ActionKind.RETRY, both, choices=Choices(also_reviving=True)).offers
        assert (taken.reviving, taken.also_reviving) == ("in_9", True)
        refused = subject(
            case(reviving_invoice="in_9", blocked={ActionKind.RETRY: "a dispute is open"}),
            invoices=(invoice(), invoice(9)),
        )
        assert not planned(ActionKind.RETRY, refused).offers

    def test_the_waiver_where_that_alone_holds_the_case_back(self) -> None:
        found = (Finding.PAID_ELSEWHERE,)
        paid = subject(case(findings=found, blocked={ActionKind.RETRY: "the same amount was paid elsewhere (ch_1)"}))
        assert planned(ActionKind.RETRY, paid).offers.paid_elsewhere
        waived = planned(ActionKind.RETRY, paid, choices=Choices(waived=frozenset({"sub_1"}))).offers
        assert (waived.paid_elsewhere, waived.waived) == (True, True)
        disputed = subject(case(findings=found, blocked={ActionKind.RETRY: "a payment is disputed"}))
        assert not planned(ActionKind.RETRY, disputed).offers


def replace_facts(of: Subject, **changes: Any) -> Subject:
    return replace(of, facts=replace(of.facts, **changes))


@pytest.mark.parametrize(
    ("livemode", "cases", "kind", "word"),
    [(False, 1, "yes", ""), (False, 2, "yes", ""), (True, 1, "yes", ""), (True, 2, "typed", "retry 2")],
)
def test_a_live_batch_asks_for_a_typed_word(livemode: bool, cases: int, kind: str, word: str) -> None:
    made = [subject(case(number, livemode=livemode), number=number) for number in range(1, cases + 1)]
    asked = confirmation(planned(ActionKind.RETRY, *made))
    assert (asked.kind, asked.word, asked.loud) == (kind, word, livemode)
    assert ("LIVE" if livemode else "TEST") in asked.question
    assert not asked.accepts("")
    assert asked.accepts(word or "yes")
    assert asked.accepts("yes") is (kind == "yes")


def test_every_action_has_a_capital_of_its_own() -> None:
    keys = [entry.key for entry in ACTIONS]
    assert len(set(keys)) == len(keys)
    assert all(key.isupper() for key in keys)


def test_the_plan_in_words_and_in_json() -> None:
    skipped = case(2, blocked={ActionKind.RETRY: "a dispute is open"})
    of = planned(ActionKind.RETRY, subject(case()), subject(skipped, number=2))
    assert headline(of) == "retry: 1 case, $97.00, 1 skipped"
    assert skip_groups(of.steps) == [("a dispute is open", 1)]
    text = "\n".join(plan_lines(of))
    assert "POST /v1/invoices/in_1/pay off_session=true" in text
    assert "skipped 1 case: a dispute is open" in text
    first, second = plan_to_json(of)["steps"]
    assert first["requests"][0]["idempotency_key"] == "ghlt:retry:in_1:1:eff:p1"
    assert (second["requests"], second["skipped"]) == ([], "a dispute is open")


def test_hostile_names_do_not_reach_the_terminal() -> None:
    hostile = case(email="[/] [bold]x\x1b[31m\u202e@x.test", name="")
    text = "\n".join(plan_lines(planned(ActionKind.RETRY, subject(hostile))))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x" in text


@st.composite
def subjects(draw: st.DrawFn) -> list[Subject]:
    made = []
    for number in draw(st.lists(st.integers(1, 8), max_size=8)):
        of = case(
            number,
            status=draw(st.sampled_from(["past_due", "unpaid", "paused", "incomplete", "canceled"])),
            stage=draw(st.sampled_from(list(Stage))),
            cause=draw(st.sampled_from([None, *Cause])),
            findings=tuple(draw(st.sets(st.sampled_from([Finding.CANCEL_SCHEDULED, Finding.SEVERAL_CARDS])))),
            blocked=draw(st.dictionaries(st.sampled_from(list(ActionKind)), st.just("refused"), max_size=2)),
            effective_payment_method=draw(st.sampled_from([None, "pm_good", "pm_bad"])),
            effective_level=draw(st.sampled_from([None, *Level])),
            candidate_payment_method=draw(st.sampled_from([None, "pm_good"])),
            link=draw(st.sampled_from([None, *LinkKind])),
            currency=draw(st.sampled_from(["usd", "jpy"])),
            pending=draw(st.sampled_from([None, "cards not read yet"])),
            reviving_invoice=draw(st.sampled_from([None, f"in_{number}", "in_99"])),
        )
        owed = invoice(
            number,
            currency=of.currency,
            status=draw(st.sampled_from(["open", "open", "paid", "void", "draft", "uncollectible"])),
            amount_remaining=draw(st.sampled_from([0, 4_000, 9_700])),
            next_payment_attempt=draw(st.sampled_from([None, NOW + 60, NOW + DAY])),
        )
        attempts = draw(
            st.lists(st.integers(0, 10).map(lambda days: OwnAttempt("x", None, NOW - days * DAY)), max_size=3)
        )
        made.append(
            subject(
                of,
                number=number,
                default=draw(st.sampled_from([None, "pm_good", "pm_bad"])),
                sub=subscription(number, default_payment_method=draw(st.sampled_from([None, "pm_bad"]))),
                invoices=(owed, invoice(99, currency=of.currency)),
                own_attempts=tuple(OwnAttempt(f"in_{number}", None, attempt.at) for attempt in attempts),
                in_flight=draw(st.sampled_from([None, None, "something hangs"])),
            )
        )
    return made


KINDS = st.sampled_from(
    [ActionKind.RETRY, ActionKind.RESEND_LINK, ActionKind.FIX_DEFAULT, ActionKind.RESUME_SUBSCRIPTION]
)


@settings(max_examples=80, deadline=None)
@given(kind=KINDS, of=subjects(), also=st.booleans())
def test_what_holds_for_every_plan(kind: ActionKind, of: list[Subject], also: bool) -> None:
    made = plan(kind, of, plan_id="p1", now=NOW, choices=Choices(also_reviving=also))
    again = plan(kind, of, plan_id="p1", now=NOW, choices=Choices(also_reviving=also))
    other = plan(kind, of, plan_id="p2", now=NOW, choices=Choices(also_reviving=also))
    known = {each.case.subscription: each for each in of}
    assert [step.case for step in made.steps] == list(known)
    for step in made.steps:
        assert (step.skipped is None) == bool(step.requests)
        refused = known[step.case].case.blocked.get(kind)
        if refused or known[step.case].facts.in_flight:
            assert step.requests == ()
        assert step.skipped is None or step.amount == 0
    sums: Counter[str] = Counter()
    for step in made.to_send:
        sums[step.currency] += step.amount
    assert made.totals == {currency: amount for currency, amount in sums.items() if amount}
    keys = [r.idempotency_key for step in made.steps for r in step.requests if r.method != "GET"]
    assert len(keys) == len(set(keys))
    assert made.steps == again.steps
    others = {r.idempotency_key for step in other.steps for r in step.requests if r.method != "GET"}
    assert not others & set(keys)
