"""Reads single objects again, each with what its verdict needs beside it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from ghl_triage.errors import NotFound
from ghl_triage.model import Raw
from ghl_triage.sources.stripe import StripeReader
from ghl_triage.sources.stripe_ids import object_path
from ghl_triage.sync.expansions import Expansions
from ghl_triage.sync.plan import CHARGE_EXPAND, E1, E2, SETUP_EXPAND
from ghl_triage.sync.targets import Target

SINGLE = {
    "subscription": "/v1/subscriptions",
    "invoice": "/v1/invoices",
    "payment_intent": "/v1/payment_intents",
    "setup_intent": "/v1/setup_intents",
    "payment_method": "/v1/payment_methods",
    "checkout.session": "/v1/checkout/sessions",
    "customer": "/v1/customers",
    "charge": "/v1/charges",
    "dispute": "/v1/disputes",
    "mandate": "/v1/mandates",
}
"""Where an object of each kind is read by its id."""

EXPAND = {
    "subscription": tuple(path.removeprefix("data.") for path in E1),
    "setup_intent": tuple(path.removeprefix("data.") for path in SETUP_EXPAND),
    "charge": tuple(path.removeprefix("data.") for path in CHARGE_EXPAND),
    "payment_intent": ("latest_charge", "payment_method"),
    "customer": ("invoice_settings.default_payment_method", "default_source"),
}


@dataclass(slots=True)
class Found:
    """Objects read at `fetched_at` (UTC epoch seconds), and those that Stripe says do not exist."""

    fetched_at: int
    objects: list[Raw] = field(default_factory=list)
    gone: list[Target] = field(default_factory=list)


async def read_target(stripe: StripeReader, expansions: Expansions, target: Target) -> Found:
    """One object as it is now. An invoice comes with its payments, and theirs with intents and charges."""
    if target.kind == "invoice":
        with suppress(NotFound):
            found = await _invoice_payments(stripe, expansions, target.id)
            if found.objects:
                return found

    async def request(expand: Sequence[str]) -> Found:
        obj, fetched_at = await stripe.get_dated(object_path(SINGLE[target.kind], target.id), {"expand": list(expand)})
        return Found(fetched_at, [obj])

    try:
        return await expansions.ask(EXPAND.get(target.kind, ()), request)
    except NotFound:
        return Found(0, gone=[target])


async def _invoice_payments(stripe: StripeReader, expansions: Expansions, invoice: str) -> Found:
    """The payments of one invoice, the invoice itself inside; a draft has none."""

    async def request(expand: Sequence[str]) -> Found:
        page = await stripe.list_page("/v1/invoice_payments", {"invoice": invoice, "expand": list(expand)})
        return Found(page.fetched_at, list(page.data))

    return await expansions.ask(E2, request)


async def read_cards(stripe: StripeReader, customer: str) -> tuple[Sequence[Raw], int]:
    """All payment methods attached to a customer, and when they were read. Raises NotFound."""
    methods: list[Raw] = []
    fetched_at: int | None = None
    async for page in stripe.iter_pages(object_path("/v1/customers", customer, "payment_methods")):
        methods.extend(page.data)
        fetched_at = page.fetched_at if fetched_at is None else fetched_at
    return methods, fetched_at or 0
