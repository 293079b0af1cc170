"""Every cause is told, often enough, and each label is true of the objects that anybody can read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from ghl_triage.sandbox.engine.api import Obj
from ghl_triage.sandbox.stories import STORIES
from tests.sandbox.default_world import NOW, default_world

CAUSES = {
    "disputed", "duplicate_subscription", "first_payment_expired", "canceled_for_nonpayment", "collection_paused",
    "trial_ended_without_card", "payment_processing", "invoice_sent_not_charged", "invoice_not_finalized",
    "not_attempted_yet", "first_payment_incomplete", "authentication_required", "already_fixed",
    "payment_method_detached", "default_shadowed", "card_not_default", "setup_not_completed",
    "card_on_duplicate_customer", "no_payment_method", "card_expired", "blocked_by_stripe", "mandate_missing",
    "no_off_session_setup", "hard_decline", "card_data_wrong", "soft_decline", "generic_decline", "check_first",
    "retries_exhausted", "unknown",
}  # fmt: skip
STATUSES = {
    "failing": {"past_due", "unpaid", "incomplete", "paused"},
    "at_risk": {"trialing"},
    "healthy": {"trialing", "active"},
    "recovered": {"active"},
    "ended": {"canceled", "trialing", "incomplete_expired"},
    "lost": {"canceled", "incomplete_expired"},
}


@dataclass(frozen=True)
class Facts:
    """What a reader finds around one subscription in Stripe."""

    subscription: Obj
    customer: Obj
    invoice: Obj
    cards: list[Obj]
    charges: list[Obj]
    set_ups: list[Obj]
    pending: Obj | None

    @property
    def default(self) -> str | None:
        """What Stripe would charge."""
        found: str | None = (
            self.subscription["default_payment_method"]
            or self.subscription["default_source"]
            or self.customer["invoice_settings"]["default_payment_method"]
            or self.customer["default_source"]
        )
        return found

    @property
    def attached(self) -> set[str]:
        return {card["id"] for card in self.cards}

    @property
    def failures(self) -> list[Obj]:
        return [charge for charge in self.charges if charge["status"] == "failed"]

    @property
    def codes(self) -> set[str]:
        """Every word that the newest failure says of its reason."""
        newest = self.failures[0]
        outcome = newest["outcome"]
        words = {newest["failure_code"], outcome["reason"], outcome["advice_code"], outcome["network_status"]}
        return {word for word in words if word}

    def set_up_for(self, card: str | None) -> bool:
        return any(each["payment_method"] == card and each["status"] == "succeeded" for each in self.set_ups)

    def expired(self, card: str, at: int) -> bool:
        found = next(each["card"] for each in self.cards if each["id"] == card)
        day = datetime.fromtimestamp(at, UTC)
        return bool((found["exp_year"], found["exp_month"]) < (day.year, day.month))


def facts_of(subscription_id: str) -> Facts:
    engine = default_world().engine
    subscription = engine.get("subscription", subscription_id)
    whose = {"customer": subscription["customer"]}
    pending = subscription["pending_setup_intent"]
    return Facts(
        subscription=subscription,
        customer=engine.get("customer", subscription["customer"]),
        invoice=engine.get("invoice", subscription["latest_invoice"]),
        cards=list(engine.list("payment_method", whose)),
        charges=list(engine.list("charge", whose)),
        set_ups=list(engine.list("setup_intent", whose)),
        pending=engine.get("setup_intent", pending) if pending else None,
    )


def charge_time(facts: Facts) -> int:
    trial_end = int(facts.subscription["trial_end"])
    return trial_end + 7_200 if facts.subscription["status"] == "trialing" else trial_end + 3_600


def other_open(facts: Facts) -> bool:
    """Whether somebody of this address has another open subscription for the same price."""
    engine = default_world().engine
    address = facts.customer["email"].lower()
    price = facts.subscription["items"]["data"][0]["price"]["id"]
    people = [each for text in (address, address.upper()) for each in engine.list("customer", {"email": text})]
    return any(
        other["id"] != facts.subscription["id"]
        and other["status"] in {"trialing", "active", "past_due"}
        and other["items"]["data"][0]["price"]["id"] == price
        for person in people
        for other in engine.list("subscription", {"customer": person["id"]})
    )


def namesake_has_card(facts: Facts) -> bool:
    engine = default_world().engine
    people = engine.list("customer", {"email": facts.customer["email"].lower()})
    return any(
        list(engine.list("payment_method", {"customer": person["id"]}))
        for person in people
        if person["id"] != facts.customer["id"]
    )


def newest_intent(facts: Facts) -> Obj:
    engine = default_world().engine
    payment = next(engine.list("invoice_payment", {"invoice": facts.invoice["id"]}))
    return engine.get("payment_intent", payment["payment"]["payment_intent"])


def no_card(facts: Facts) -> bool:
    return facts.default is None and not facts.cards


TRUE_OF: Mapping[str, Callable[[Facts], Any]] = {
    "disputed": lambda facts: any(charge["disputed"] for charge in facts.charges),
    "duplicate_subscription": other_open,
    "first_payment_expired": lambda facts: facts.subscription["status"] == "incomplete_expired",
    "canceled_for_nonpayment": lambda facts: (
        facts.subscription["cancellation_details"]["reason"] == "payment_failed" or no_card(facts)
    ),
    "collection_paused": lambda facts: (
        facts.subscription["pause_collection"] or facts.subscription["status"] == "paused"
    ),
    "trial_ended_without_card": lambda facts: (
        facts.subscription["status_details"]["paused"]["subscription"]["type"] == "trial_end_without_payment_method"
    ),
    "payment_processing": lambda facts: newest_intent(facts)["status"] == "processing",
    "invoice_sent_not_charged": lambda facts: facts.invoice["collection_method"] == "send_invoice",
    "invoice_not_finalized": lambda facts: not facts.invoice["auto_advance"] and not facts.invoice["attempted"],
    "not_attempted_yet": lambda facts: facts.invoice["status"] == "open" and not facts.invoice["attempted"],
    "first_payment_incomplete": lambda facts: facts.subscription["status"] == "incomplete" and not facts.charges,
    "authentication_required": lambda facts: (
        "authentication_required" in facts.codes
        and (facts.set_up_for(facts.default) or facts.subscription["status"] == "incomplete")
    ),
    "already_fixed": lambda facts: (
        facts.default in facts.attached and facts.default not in {each["payment_method"] for each in facts.failures}
    ),
    "payment_method_detached": lambda facts: (
        facts.default is None and any(each["payment_method"] not in facts.attached for each in facts.set_ups)
    ),
    "default_shadowed": lambda facts: (
        facts.subscription["default_payment_method"]
        != facts.customer["invoice_settings"]["default_payment_method"]
        in facts.attached
    ),
    "card_not_default": lambda facts: facts.default is None and facts.cards,
    "setup_not_completed": lambda facts: (
        no_card(facts) and (facts.pending or {}).get("status") == "requires_payment_method"
    ),
    "card_on_duplicate_customer": lambda facts: no_card(facts) and namesake_has_card(facts),
    "no_payment_method": lambda facts: no_card(facts) and facts.pending is None and not namesake_has_card(facts),
    "card_expired": lambda facts: (
        all(facts.expired(card, charge_time(facts)) for card in facts.attached) or "expired_card" in facts.codes
    ),
    "blocked_by_stripe": lambda facts: facts.failures[0]["outcome"]["type"] == "blocked",
    "mandate_missing": lambda facts: facts.cards[0]["card"]["country"] == "IN",
    "no_off_session_setup": lambda facts: facts.default and not facts.set_up_for(facts.default),
    "hard_decline": lambda facts: (
        facts.codes
        & {
            "lost_card",
            "stolen_card",
            "pickup_card",
            "fraudulent",
            "transaction_not_allowed",
            "revocation_of_authorization",
            "card_not_supported",
            "do_not_try_again",
        }
    ),
    "card_data_wrong": lambda facts: facts.codes & {"incorrect_cvc", "incorrect_number", "confirm_card_data"},
    "soft_decline": lambda facts: (
        facts.codes
        & {
            "insufficient_funds",
            "card_velocity_exceeded",
            "issuer_not_available",
            "processing_error",
            "withdrawal_count_limit_exceeded",
            "try_again_later",
        }
    ),
    "generic_decline": lambda facts: (
        facts.codes & {"generic_decline", "do_not_honor", "call_issuer", "service_not_allowed", "no_action_taken"}
        and not facts.codes & {"try_again_later", "do_not_try_again", "confirm_card_data"}
    ),
    "check_first": lambda facts: "duplicate_transaction" in facts.codes,
    "retries_exhausted": lambda facts: (
        facts.invoice["next_payment_attempt"] is None
        and newest_intent(facts)["last_payment_error"].get("decline_code") is None
    ),
    "unknown": lambda facts: (
        facts.codes & {"issuer_policy_refusal_v3", "testmode_decline"} or facts.invoice["status"] == "void"
    ),
}


def labelled(cause: str) -> list[str]:
    return [each for each, label in default_world().labels().items() if label["cause"] == cause]


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_each_cause_is_told_at_least_three_times_and_is_true_of_the_objects(cause: str) -> None:
    found = labelled(cause)
    assert len(found) >= 3
    untrue = [each for each in found if not TRUE_OF[cause](facts_of(each))]
    assert untrue == []


def test_labels_name_only_causes_of_the_table_and_give_one_where_the_stage_has_one() -> None:
    for label in default_world().labels().values():
        has_cause = label["stage"] in {"failing", "at_risk", "lost"}
        assert (label["cause"] in CAUSES) is has_cause, label


def test_every_subscription_has_a_label_and_a_status_of_its_stage() -> None:
    world = default_world()
    labels = world.labels()
    subscriptions = list(world.engine.list("subscription", {"status": "all"}))
    assert {each["id"] for each in subscriptions} == set(labels)
    assert len(subscriptions) == world.subscriptions == 1_200
    strays = [
        (labels[each["id"]]["story"], each["status"])
        for each in subscriptions
        if each["status"] not in STATUSES[labels[each["id"]]["stage"]]
    ]
    assert strays == []


def test_every_story_is_told_in_the_default_world() -> None:
    told = Counter(label["story"] for label in default_world().labels().values())
    assert {story.name for story in STORIES} <= set(told)


def test_causes_that_the_table_knows_at_risk_too_are_told_both_ways() -> None:
    stages: dict[str, set[str]] = {}
    for label in default_world().labels().values():
        if label["cause"]:
            stages.setdefault(label["cause"], set()).add(label["stage"])
    both = {
        "disputed", "duplicate_subscription", "collection_paused", "payment_method_detached", "default_shadowed",
        "card_not_default", "setup_not_completed", "card_on_duplicate_customer", "no_payment_method", "card_expired",
        "mandate_missing", "no_off_session_setup",
    }  # fmt: skip
    assert {cause for cause in both if stages[cause] != {"failing", "at_risk"}} == set()


def test_a_recovered_one_failed_within_sixty_days_and_is_paid_now() -> None:
    recovered = [each for each, label in default_world().labels().items() if label["stage"] == "recovered"]
    for each in recovered:
        facts = facts_of(each)
        assert facts.invoice["status"] == "paid"
        assert NOW - 60 * 86_400 < facts.failures[0]["created"] < NOW
