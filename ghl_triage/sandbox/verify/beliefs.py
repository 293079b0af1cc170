"""Which belief of docs/beliefs.md a difference bears on, and which stories settle it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Settled:
    """One belief: its name (that of its switch where it has one), what it says in few words, the stories that play it,
    and the fields in which a difference would show that it is otherwise: in those stories, or (`everywhere`) in any.
    `answer` stands for a request that one side refuses."""

    name: str
    says: str
    stories: tuple[str, ...]
    fields: tuple[str, ...]
    everywhere: tuple[str, ...] = ()


_UNTRIED = ("invoice.attempt*", "invoice.next_payment_attempt", "invoice.status", "subscription.status")
_FAILED = ("charge*", "payment_intent*", "event.*payment_failed", "event.charge.failed", *_UNTRIED)
_ANYTHING = ("*",)

SETTLED: tuple[Settled, ...] = (
    Settled(
        "auto_advance_after_retries",
        "what an open invoice reads when Stripe has given up",
        (
            "refused_until_the_end",
            "no_card_ever",
            "saved_not_default",
            "lost_card_retried",
            "set_up_never_finished",
            "never_set_up",
            "indian_card_charged",
        ),
        ("invoice.auto_advance",),
    ),
    Settled(
        "auto_advance_on_incomplete",
        "what the first invoice of an incomplete subscription reads",
        ("page_left_open", "page_left_for_good", "challenge_left_open", "refused_for_good"),
        ("invoice.auto_advance",),
    ),
    Settled(
        "detaching_clears_defaults",
        "whether defaults go on naming a detached card, and whether Stripe then goes on to the next level",
        ("taken_away_before_the_charge", "taken_away_in_trial", "taken_away_another_left", "detached_above_a_good_one"),
        _ANYTHING,
    ),
    Settled(
        "three_d_secure",
        "how Stripe's own attempt ends where the bank wants the customer",
        ("never_set_up", "pending_set_up_ignored", "challenge_left_open", "indian_card_charged"),
        ("event.invoice.payment_action_required", "event.order", *_FAILED),
    ),
    Settled(
        "cancel_at_trial_end",
        "the reason of a cancel at the trial's end for want of a card",
        ("canceled_without_card",),
        ("subscription.cancellation_details.reason",),
    ),
    Settled(
        "retry_without_method",
        "whether an attempt without any card shows a next one",
        (
            "no_card_ever",
            "saved_not_default",
            "several_not_default",
            "set_up_not_default",
            "set_up_never_finished",
            "twice_without_card",
            "taken_away_before_the_charge",
            "taken_away_another_left",
            "card_came_too_late",
        ),
        ("invoice.next_payment_attempt",),
    ),
    Settled(
        "indian_cards",
        "what Stripe does with an Indian card that has no mandate",
        ("indian_card_charged",),
        ("event.invoice.payment_action_required", *_FAILED),
    ),
    Settled(
        "finalize_after",
        "a renewal's draft is finalised and charged about an hour later",
        ("converted", "attached_and_paid", "draft_paid"),
        ("invoice.status", "invoice.status_transitions.*", "event.invoice.finalized"),
        ("invoice.status_transitions.finalized_at",),
    ),
    Settled(
        "charge_order",
        "the subscription's card comes before the customer's",
        ("each_level_another_card",),
        ("charge*", "payment_intent*"),
    ),
    Settled(
        "attached_is_not_charged",
        "a card that is only attached is never charged; such an attempt makes no charge",
        ("saved_not_default", "several_not_default", "set_up_not_default", "no_card_ever"),
        ("charge*", "payment_intent*", "event.charge.*", "event.payment_intent.*", *_UNTRIED),
    ),
    Settled(
        "detached_for_good",
        "a detached card can't be attached again",
        ("attached_again",),
        ("answer", "payment_method*"),
    ),
    Settled(
        "named_card_makes_no_default",
        "paying with a named card makes it no default",
        ("paid_with_another_card",),
        ("customer.invoice_settings.*", "subscription.default_payment_method"),
    ),
    Settled(
        "trial_invoice_is_free",
        "a trial's first invoice is free, paid at once and has no PaymentIntent",
        ("no_card_yet", "good_trial", "attached_only", "legacy_card"),
        ("invoice.*", "invoice_payment*", "payment_intent*", "event.invoice.*"),
    ),
    Settled(
        "pending_setup_intent",
        "which trials wait for a set-up",
        ("set_up_not_finished_yet", "set_up_never_finished", "pending_set_up_ignored", "never_set_up", "no_card_yet"),
        ("subscription.pending_setup_intent", "setup_intent*", "event.setup_intent.*"),
    ),
    Settled(
        "set_up_saves_default",
        "a finished set-up becomes the subscription's default only where that was asked for",
        ("set_up_confirmed", "set_up_confirmed_and_saved"),
        ("subscription.*", "customer.*", "setup_intent*", "payment_method*", "answer"),
    ),
    Settled(
        "error_if_incomplete",
        "`error_if_incomplete` leaves the failed payment and no subscription",
        ("no_subscription_without_payment",),
        _ANYTHING,
    ),
    Settled("set_up_elsewhere", "4000003800000446 works off-session at once", ("set_up_elsewhere",), _FAILED),
    Settled(
        "radar_blocks_first",
        "what Radar stops fails before any bank is asked",
        ("stopped_by_radar",),
        ("charge.outcome.*", "payment_intent.last_payment_error.*"),
    ),
    Settled(
        "attempts_by_hand",
        "`attempt_count` leaves out tries by hand after the first",
        ("tried_twice_by_hand", "older_invoice_paid", "paid_with_another_card"),
        ("invoice.attempt*",),
    ),
    Settled(
        "hard_codes",
        "after a hard code retries stay scheduled and charge nothing",
        ("lost_card_retried",),
        ("charge*", "event.charge.failed", "event.*payment_failed", "invoice.attempt_count"),
    ),
    Settled(
        "first_invoice_is_not_retried",
        "a subscription's first invoice is not retried, and is void after 23 hours",
        ("refused_for_good", "page_left_for_good", "came_back_and_paid", "page_left_open"),
        ("invoice.*", "subscription.status", "charge", "event.invoice.*", "subscription.ended_at"),
    ),
    Settled(
        "trial_ends_without_card",
        "what `create_invoice`, `pause` and `cancel` do at a trial's end without a card",
        ("no_card_ever", "paused_without_card", "canceled_without_card"),
        ("subscription.*", "invoice.*", "invoice", "event.*"),
    ),
    Settled(
        "resuming",
        "resuming bills at once, and is refused without any card",
        ("resumed",),
        ("answer", "subscription.*", "invoice*", "event.*"),
    ),
    Settled(
        "latest_invoice_revives",
        "only paying the latest invoice makes a past due subscription active again",
        ("older_invoice_paid", "given_up_and_paid"),
        ("subscription.status",),
    ),
    Settled(
        "voiding_leaves_past_due",
        "voiding the latest invoice of a past due subscription may leave it past due",
        ("latest_invoice_voided", "voided_and_left"),
        ("subscription.status",),
    ),
    Settled(
        "canceling_leaves_invoices",
        "cancelling leaves open invoices open, without further attempts",
        ("canceled_with_an_open_invoice",),
        ("invoice*", "payment_intent*"),
    ),
    Settled(
        "which_invoices_can_be_paid",
        "paying a draft is refused, an uncollectible invoice can be paid, a void one never",
        ("draft_paid", "given_up_and_paid", "latest_invoice_voided"),
        ("answer",),
    ),
    Settled(
        "legacy_cards_are_listed",
        "a customer's list of PaymentMethods holds his legacy cards, under their `card_` ids",
        ("legacy_card", "legacy_card_paid"),
        ("payment_method*",),
    ),
    Settled(
        "legacy_card_as_default",
        "a legacy card can be named as a default PaymentMethod",
        ("legacy_card_as_default",),
        ("answer", "customer.*", "charge*"),
    ),
    Settled("paid_is_refused", "a paid invoice refuses to be paid again", ("paid_twice",), ("answer", "charge")),
    Settled(
        "stored_answer_first",
        "the answer stored under an idempotency key comes before every other check, refusals too",
        ("asked_again_when_paid", "asked_again_when_refused"),
        ("answer", "charge*", "payment_intent*", "invoice.*"),
    ),
    Settled(
        "events_name_the_key",
        "an event names the idempotency key of the request that caused it",
        ("paid_with_another_card", "tried_twice_by_hand", "asked_again_when_refused"),
        (),
        ("event.key of *",),
    ),
)
"""In the order of docs/beliefs.md. A test holds that page's table against these names."""

ANSWER = "answer"


def bearing_on(story: str, place: str) -> tuple[str, ...]:
    """The beliefs that a difference at this place of this story bears on."""
    return tuple(
        belief.name
        for belief in SETTLED
        if _any(place, belief.everywhere) or (story in belief.stories and _any(place, belief.fields))
    )


def _any(place: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(place, pattern) for pattern in patterns)
