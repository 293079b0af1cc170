"""What a key may do, and which action is then refused: exactly those that need the right, by Stripe's name for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ghl_triage.actions.catalogue import ACTIONS
from ghl_triage.model import ActionKind, Cause, Level, LinkKind, PlannedRequest
from ghl_triage.rights import (
    CHECKOUT,
    CUSTOMERS,
    EVERY,
    INVOICES,
    PORTAL,
    READS,
    RIGHTS,
    SUBSCRIPTIONS,
    WRITES,
    Held,
    Right,
    Rights,
    right_of_read,
    right_of_write,
    wanted,
)
from ghl_triage.sources import stripe_writes
from ghl_triage.sync.plan import full_lists
from tests.tui.world import case

CASE = case(1)
ACTS = [action.kind for action in ACTIONS]


def lacking(*rights: Right) -> Rights:
    """A key that has all rights but these."""
    known = Rights()
    for right in RIGHTS:
        missing = right in rights
        known = known.learned(right.slug, Held.NO if missing else Held.YES, f"rak_{right.slug}" if missing else "")
    return known


@pytest.mark.parametrize(
    ("right", "refused"),
    [
        (INVOICES, {ActionKind.RETRY}),
        (CUSTOMERS, {ActionKind.FIX_DEFAULT}),
        (SUBSCRIPTIONS, {ActionKind.RESUME_SUBSCRIPTION, ActionKind.CANCEL_DUPLICATE}),
        (PORTAL, {ActionKind.RESEND_LINK}),
        (CHECKOUT, set()),
    ],
)
def test_a_missing_right_takes_away_exactly_what_needs_it(right: Right, refused: set[ActionKind]) -> None:
    on_customer = replace(CASE, effective_level=Level.CUSTOMER, link=LinkKind.PORTAL)
    reasons = {kind: lacking(right).why_not(kind, on_customer) for kind in ACTS}
    assert {kind for kind, reason in reasons.items() if reason} == refused
    assert {reason for reason in reasons.values() if reason} <= {f"the key lacks {right.name} (rak_{right.slug})"}


@pytest.mark.parametrize(
    ("level", "cause", "status", "needs"),
    [
        (None, Cause.CARD_NOT_DEFAULT, "past_due", (CUSTOMERS,)),
        (Level.SUBSCRIPTION, Cause.CARD_EXPIRED, "past_due", (SUBSCRIPTIONS,)),
        (Level.SUBSCRIPTION, Cause.DEFAULT_SHADOWED, "past_due", (SUBSCRIPTIONS, CUSTOMERS)),
        (Level.SUBSCRIPTION, Cause.CARD_EXPIRED, "incomplete", (CUSTOMERS,)),
        (Level.INVOICE, Cause.CARD_EXPIRED, "past_due", ()),
    ],
)
def test_a_default_needs_the_right_of_the_level_that_is_set(
    level: Level | None, cause: Cause, status: str, needs: tuple[Right, ...]
) -> None:
    assert wanted(ActionKind.FIX_DEFAULT, replace(CASE, effective_level=level, cause=cause, status=status)) == needs


def test_the_pay_page_of_an_invoice_needs_no_right_to_write() -> None:
    none = lacking(*WRITES)
    assert none.read_only
    assert none.why_not(ActionKind.RESEND_LINK, replace(CASE, link=LinkKind.HOSTED_INVOICE)) is None
    assert [kind for kind in ACTS if none.never(kind) is None] == [ActionKind.RESEND_LINK]


def test_what_is_not_known_stays_on_and_a_secret_key_may_all() -> None:
    for known in (Rights(), EVERY, lacking(*READS)):
        assert [kind for kind in ACTS if known.why_not(kind, CASE) or known.never(kind)] == []
        assert not known.read_only
    assert EVERY.settled
    assert not Rights().settled


def test_the_right_is_called_as_stripe_called_it() -> None:
    named_otherwise = Rights().learned(CHECKOUT.slug, Held.NO, "rak_customer_write")
    unknown_name = Rights().learned(CHECKOUT.slug, Held.NO, "rak_new_thing_write")
    not_named = Rights().learned(CHECKOUT.slug, Held.NO)
    assert named_otherwise.label(CHECKOUT) == "Customers: Write (rak_customer_write)"
    assert unknown_name.label(CHECKOUT) == "Checkout Sessions: Write (rak_new_thing_write)"
    assert not_named.label(CHECKOUT) == "Checkout Sessions: Write"


def test_a_right_that_was_added_is_no_longer_missing() -> None:
    mended = lacking(INVOICES).learned(INVOICES.slug, Held.YES)
    assert mended.never(ActionKind.RETRY) is None
    assert mended.named == {}


@pytest.mark.parametrize("known", [Rights(), EVERY, replace(lacking(INVOICES, PORTAL), at=1_795_000_000)])
def test_what_is_kept_is_read_again_as_it_was(known: Rights) -> None:
    assert Rights.from_json(known.to_json()) == known


def test_every_write_and_every_list_of_ours_has_its_right() -> None:
    for method, pattern, _ in stripe_writes._ROUTES:
        path = pattern.pattern.replace(r"([\w]+)", "xx_1")
        right = right_of_write(path)
        assert right in WRITES, path
        assert lacking(right).missing([PlannedRequest(method, path, {}, "k", "")]), path
    assert {right_of_read(spec.path) for spec in full_lists(1_795_000_000)} <= set(READS)
    assert right_of_read("/v1/customers/cus_1/payment_methods") == READS[3]
    assert lacking(*WRITES).missing([PlannedRequest("GET", "/v1/invoices/in_1", {}, "", "")]) is None


def test_the_rights_of_each_action() -> None:
    subscriptions, customers = "Subscriptions: Write", "Customers: Write"
    known = {
        ActionKind.RETRY: {"Invoices: Write"},
        ActionKind.RESEND_LINK: {"Customer portal: Write", "Checkout Sessions: Write"},
        ActionKind.FIX_DEFAULT: {customers, subscriptions},
        ActionKind.RESUME_SUBSCRIPTION: {subscriptions},
        ActionKind.CANCEL_DUPLICATE: {subscriptions},
    }
    for kind, names in known.items():
        needs = {
            right.name
            for link in LinkKind
            for level in (None, Level.SUBSCRIPTION)
            for right in wanted(kind, replace(CASE, link=link, effective_level=level))
        }
        assert needs == names
