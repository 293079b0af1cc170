"""Which page mends a case; design.md section 5, "Link"."""

from __future__ import annotations

from ghl_triage.model import Level, LinkKind, Stage

ON_SUBSCRIPTION = (Level.SUBSCRIPTION, Level.SUBSCRIPTION_SOURCE)


def link_kind(stage: Stage, *, open_invoice: bool, level: Level | None) -> LinkKind | None:
    """The page to send: the open invoice's own; else one that sets the level from which Stripe charges.

    The portal writes the customer's default only: where the subscription has its own, a set-up Checkout is needed.
    """
    if stage is Stage.LOST:
        return LinkKind.NEW_CHECKOUT
    if stage is Stage.ENDED:
        return None
    if open_invoice:
        return LinkKind.HOSTED_INVOICE
    return LinkKind.SETUP_CHECKOUT if level in ON_SUBSCRIPTION else LinkKind.PORTAL
