"""HighLevel: why it shows what it shows, and the ladder of what can be done (domain/highlevel.md 9.1, 9.2)."""

from __future__ import annotations

from dataclasses import dataclass

from ghl_triage.model import Cause, Finding, Path
from ghl_triage.report.remedies.remedy import Remedy

NOT_LISTED = (
    "Payments > Subscriptions shows what HighLevel's own pages sold. A subscription that your code or your own "
    "Checkout made in Stripe never appears there, and no API call imports one: it triggers no workflow of HighLevel's, "
    "and no reminder of a failed payment goes out. This is by design, not a fault of the account."
)
LADDER = (
    "Map the sub-account: PUT /saas/update-saas-subscription/{locationId} with companyId and the live "
    "subscriptionId and customerId. Access and lock-out then follow the right subscription, and the request to update "
    "billing goes. It does not add a row to Payments > Subscriptions.",
    "Mirror Stripe's state onto the contact: a tag or a custom field for trialing, past due, paid. Reminders and "
    "workflows start from the tag instead of from HighLevel's payment triggers.",
    "Sell through HighLevel: its order forms or payment links instead of the custom checkout, or a subscription made "
    "in HighLevel on the saved card. Only then it is listed, and its own dunning works.",
    "A custom payment provider (a Marketplace app) reports the custom checkout's payments to HighLevel. Heavy; worth "
    "it only if the custom checkout must stay and the list must be complete.",
)
"""From light to heavy: 9.2 (a) to (d)."""

LISTED_BY = frozenset({Finding.NOT_IN_HIGHLEVEL})
"""Findings that ask for the ladder."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reason why HighLevel asks for billing although Stripe shows a card. `mark` is how the document names it.

    `findings` and `causes` are what this program sees of it; both empty: it cannot be seen from outside.
    """

    mark: str
    reason: str
    check: str
    remedy: str
    findings: frozenset[Finding] = frozenset()
    causes: frozenset[Cause] = frozenset()


UPDATE_BILLING = (
    "Why HighLevel asks to update billing although Stripe shows a card. The likelier first; each can be checked by one "
    "read of the sub-account's mapping (GET /saas/get-saas-subscription/{locationId}) and Stripe's own objects."
)
EXPLANATIONS = (
    Explanation(
        "H1",
        "The sub-account is mapped to another customer of Stripe's, often a duplicate that the custom checkout made",
        "the mapping's customerId is not the customer of the live subscription",
        "map it to the live customer; let the checkout reuse customers",
        findings=frozenset({Finding.HIGHLEVEL_OTHER_CUSTOMER}),
    ),
    Explanation(
        "H2",
        "It is mapped to an old or failed subscription; the new one was never mapped",
        "the mapping's subscriptionId is over, and an open one exists",
        "map it to the open subscription",
        findings=frozenset({Finding.HIGHLEVEL_STALE_SUBSCRIPTION}),
    ),
    Explanation(
        "H3",
        "The card is attached but is the default nowhere",
        "subscription.default_payment_method, invoice_settings.default_payment_method and default_source are null",
        "make it the default",
        causes=frozenset({Cause.CARD_NOT_DEFAULT}),
    ),
    Explanation(
        "H4",
        "The SaaS plan is on hold until a card is entered on HighLevel's own page",
        "only HighLevel's screen shows it",
        "the customer enters the card there, or the plan is enabled anew on the mapped subscription",
    ),
    Explanation(
        "H5",
        "HighLevel is connected to another Stripe account, or to the other mode",
        "the connected account's id is not this account's; live stands against test",
        "connect HighLevel to this account",
        findings=frozenset({Finding.HIGHLEVEL_ACCOUNT_MISMATCH}),
    ),
    Explanation(
        "H6",
        "The card is on the customer that belongs to the contact in the selling sub-account, not on the API's customer",
        "several customers with one e-mail, the card on another one",
        "map it to that customer, or save the card again on the live one; a card cannot be moved",
        causes=frozenset({Cause.CARD_ON_DUPLICATE_CUSTOMER}),
    ),
)
"""H1 to H6."""
NEVER = (
    "Never disable SaaS mode on a sub-account to mend this: HighLevel then cancels the subscription and deletes the "
    "wallet for good."
)

CONTACTS = Remedy(
    slug="highlevel_contacts",
    path=Path.HIGHLEVEL,
    title="One contact for each customer",
    wrong="Messages and tags reach a customer only over his contact: here it is missing, or there are several.",
    steps=(
        "Create the contact when the checkout makes the customer (POST /contacts/upsert with the e-mail), and keep its "
        "id in the customer's metadata.",
        "Merge contacts that share an e-mail address before reminders go out.",
    ),
    findings=frozenset({Finding.CONTACT_MISSING, Finding.CONTACT_AMBIGUOUS}),
)

OWN_PAGES = Remedy(
    slug="highlevel_order_forms",
    path=Path.HIGHLEVEL,
    title="HighLevel's own order forms",
    wrong="Trials that HighLevel sold fail here too; there is no code of yours to change, only settings.",
    steps=(
        "Switch the card authorisation of the order form on: HighLevel then makes a small payment at sign-up and gives "
        "it back, which keeps bad cards out.",
        "A card that is deleted from the contact takes the subscription's payment method with it: put the new one in "
        "first.",
        "Retries are Stripe's: HighLevel's own retry settings hold for other payment providers.",
    ),
    causes=frozenset(
        {
            Cause.NO_PAYMENT_METHOD,
            Cause.PAYMENT_METHOD_DETACHED,
            Cause.CARD_NOT_DEFAULT,
            Cause.NO_OFF_SESSION_SETUP,
            Cause.HARD_DECLINE,
            Cause.GENERIC_DECLINE,
            Cause.SOFT_DECLINE,
        }
    ),
)

REMEDIES = (OWN_PAGES,)
