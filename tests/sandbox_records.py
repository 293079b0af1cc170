"""A sandbox's objects as the store would hand them to diagnosis, without HTTP and without a file.

For tests that judge many worlds: what the sync reads, and how, is tested elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from ghl_triage.diagnosis.case import diagnose
from ghl_triage.model import Caps, Case, Coverage, Raw, Records
from ghl_triage.sandbox.world.build import World

_KINDS = {
    "subscription": "subscriptions",
    "invoice": "invoices",
    "payment_intent": "payment_intents",
    "charge": "charges",
    "setup_intent": "setup_intents",
    "payment_method": "payment_methods",
    "card": "payment_methods",
    "checkout.session": "checkout_sessions",
    "event": "events",
}
_OF_CHARGES = {"dispute": "disputes", "radar.early_fraud_warning": "early_fraud_warnings"}
_ROWS = {"subscription": "highlevel_subscriptions", "transaction": "highlevel_transactions"}


def coverage(world: World) -> Coverage:
    """Everything was read, as far back as the world goes."""
    engine, highlevel = world.engine, world.highlevel
    listed = [engine.peek(str(row.get("subscriptionId"))) for row in highlevel.rows("subscription")]
    start = engine.clock.now - 400 * 86_400
    return Coverage(
        checkout_sessions_since=start,
        setup_intents_since=start,
        charges_since=start,
        paid_payments_since=start,
        subscriptions_since=start,
        invoice_payments_read=True,
        highlevel_subscriptions_read=True,
        highlevel_mapping_read=True,
        highlevel_accounts=_accounts(world),
        highlevel_company_account=str(highlevel.company()["stripeConnectId"]),
        highlevel_listed_have_application=any(sub and sub["application"] for sub in listed),
        highlevel_application=highlevel.application if engine.beliefs.application_shown else None,
        account=str(engine.account()["id"]),
    )


def _accounts(world: World) -> dict[str, str]:
    """The Stripe accounts behind HighLevel's connections, as the records of listed subscriptions tell them."""
    found: dict[str, str] = {}
    for row in world.highlevel.rows("subscription"):
        if row["paymentProviderConnectedAccount"] in found or row["paymentProviderType"] != "stripe":
            continue
        record = world.highlevel.get("subscription", row["_id"])
        assert record is not None
        found[row["paymentProviderConnectedAccount"]] = record["paymentProvider"]["connectedAccount"]["accountId"]
    return found


def records(world: World) -> dict[str, Records]:
    """By customer: all of his, and of his namesakes."""
    engine = world.engine
    customers = {str(each["id"]): each for each in engine.list("customer", {})}
    kept: dict[str, dict[str, list[Raw]]] = defaultdict(lambda: defaultdict(list))
    detached = _former_owners(world)
    for kind, sequence in _KINDS.items():
        for obj in engine.list(kind, {"status": "all"} if kind == "subscription" else {}):
            owner = _owner(obj, detached)
            if owner in customers:
                kept[owner][sequence].append(obj)
    _add_linked(world, kept)
    _add_highlevel(world, kept, customers)
    applications = tuple(engine.list("application", {}))
    alone = {
        name: Records(
            customer=customer,
            cards_read_at=engine.clock.now,
            contacts_read_at=engine.clock.now,
            proof_read_for=_named(customer),
            undelivered=_undelivered(kept[name]["events"], engine.clock.now),
            applications=applications,
            **{sequence: tuple(found) for sequence, found in kept[name].items()},  # type: ignore[arg-type]
        )
        for name, customer in customers.items()
    }
    return _with_namesakes(alone)


def verdicts(world: World) -> dict[str, Case]:
    """The verdict on every subscription of a world."""
    known = coverage(world)
    cases = (
        case
        for each in records(world).values()
        for case in diagnose(each, world.engine.clock.now, coverage=known, caps=Caps())
    )
    return {case.subscription: case for case in cases}


def _undelivered(events: list[Raw], now: int) -> frozenset[str]:
    return frozenset(str(each["id"]) for each in events if each["pending_webhooks"] and each["created"] < now - 3_600)


def _named(customer: Raw) -> frozenset[str]:
    """A legacy card has no date: its set-ups are looked up."""
    return frozenset({str(customer["default_source"])} if customer["default_source"] else ())


def _owner(obj: Raw, detached: Mapping[str, str]) -> str:
    if obj["object"] == "event":
        body = obj["data"]["object"]
        previous = obj["data"].get("previous_attributes") or {}
        if body["object"] == "customer":
            return str(body["id"])
        return str(body.get("customer") or previous.get("customer") or "")
    return str(obj.get("customer") or detached.get(str(obj["id"]), ""))


def _former_owners(world: World) -> dict[str, str]:
    """Whose the payment methods were that nobody has now: a charge or set-up brought them into the store."""
    found: dict[str, str] = {}
    for kind in ("charge", "setup_intent"):
        for obj in world.engine.list(kind, {}):
            if obj["payment_method"] and obj["customer"]:
                found[str(obj["payment_method"])] = str(obj["customer"])
    return found


def _add_linked(world: World, kept: dict[str, dict[str, list[Raw]]]) -> None:
    """What names a customer only through an invoice, a charge or a payment method."""
    owners = {
        str(obj["id"]): customer
        for customer, sequences in kept.items()
        for sequence in ("invoices", "charges", "payment_methods", "setup_intents")
        for obj in sequences[sequence]
    }
    for obj in world.engine.list("invoice_payment", {}):
        kept[owners[str(obj["invoice"])]]["invoice_payments"].append(obj)
    for kind, sequence in _OF_CHARGES.items():
        for obj in world.engine.list(kind, {}):
            kept[owners[str(obj["charge"])]][sequence].append(obj)
    for obj in world.engine.list("mandate", {}):
        owner = owners.get(str(obj["payment_method"]))
        if owner:
            kept[owner]["mandates"].append(obj)


def _add_highlevel(world: World, kept: dict[str, dict[str, list[Raw]]], customers: Mapping[str, Raw]) -> None:
    """HighLevel's rows name no customer: those of his address are his."""
    by_address: dict[str, list[str]] = defaultdict(list)
    for name, customer in customers.items():
        if customer["email"]:
            by_address[str(customer["email"]).casefold()].append(name)
    for kind, sequence in _ROWS.items():
        for row in world.highlevel.rows(kind):  # type: ignore[arg-type]
            for name in by_address[str(row.get("contactEmail")).casefold()]:
                kept[name][sequence].append(row)
    for listed in world.highlevel.saas_locations():
        row = {**listed, **(world.highlevel.get("saas_location", listed["locationId"]) or {})}
        named = [str(row["customerId"])] if row.get("customerId") in customers else []
        sold = world.engine.peek(str(row.get("subscriptionId")))
        named += [str(sold["customer"])] if sold else []
        for name in dict.fromkeys([*named, *by_address[str(row.get("email")).casefold()]]):
            kept[name]["highlevel_saas_locations"].append(row)
    for row in world.highlevel.rows("contact"):
        for name in by_address[str(row["email"]).casefold()]:
            kept[name]["highlevel_contacts"].append(row["id"])


def _with_namesakes(alone: dict[str, Records]) -> dict[str, Records]:
    by_address: dict[str, list[str]] = defaultdict(list)
    by_number: dict[str, list[str]] = defaultdict(list)
    for name, each in alone.items():
        for address in _addresses(each):
            by_address[address].append(name)
        for number in _numbers(each):
            by_number[number].append(name)

    def others(name: str, known: Mapping[str, list[str]], keys: set[str]) -> tuple[Records, ...]:
        found = dict.fromkeys(other for key in sorted(keys) for other in known[key] if other != name)
        return tuple(alone[other] for other in found)

    return {
        name: replace(
            each,
            namesakes=others(name, by_address, _addresses(each)),
            card_mates=others(name, by_number, _numbers(each)),
            namesakes_read=True,
        )
        for name, each in alone.items()
    }


def _addresses(each: Records) -> set[str]:
    return {str(each.customer["email"]).casefold()} if each.customer["email"] else set()


def _numbers(each: Records) -> set[str]:
    return {str(card["card"]["fingerprint"]) for card in each.payment_methods if card.get("card")}
