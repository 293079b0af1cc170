"""The Stripe endpoints that are served: those that the product calls, those that its example checkout calls, and those
that tell the stories once more on a test clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj

Operation = Callable[[Engine, str, Mapping[str, Any]], Obj]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method and path.

    `parent` is the kind of the id in a list's path, `locks` the parameter that holds the id to lock.
    """

    method: str
    template: str
    kind: str
    does: Literal["list", "search", "get", "write"]
    run: Operation | None = None
    parent: str | None = None
    required: tuple[str, ...] = ()
    locks: str | None = None
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.compile("^" + self.template.replace("{id}", "([^/]+)") + "$")
        object.__setattr__(self, "pattern", pattern)

    @property
    def name(self) -> str:
        """The endpoint as the counters and the table of parameters call it."""
        return f"{self.method} {self.template}"


def _lists() -> list[Endpoint]:
    kinds = {
        "charges": "charge",
        "checkout/sessions": "checkout.session",
        "customers": "customer",
        "disputes": "dispute",
        "events": "event",
        "invoice_payments": "invoice_payment",
        "invoices": "invoice",
        "payment_intents": "payment_intent",
        "prices": "price",
        "products": "product",
        "radar/early_fraud_warnings": "radar.early_fraud_warning",
        "setup_intents": "setup_intent",
        "subscriptions": "subscription",
        "test_helpers/test_clocks": "test_helpers.test_clock",
    }
    served = [Endpoint("GET", f"/v1/{path}", kind, "list") for path, kind in kinds.items()]
    retrieved = {**kinds, "mandates": "mandate", "payment_methods": "payment_method"}
    served.append(Endpoint("GET", "/v1/customers/search", "customer", "search", required=("query",)))
    served += [Endpoint("GET", f"/v1/{path}/{{id}}", kind, "get") for path, kind in retrieved.items()]
    served += [
        Endpoint("GET", "/v1/setup_attempts", "setup_attempt", "list", required=("setup_intent",)),
        Endpoint("GET", "/v1/customers/{id}/payment_methods", "payment_method", "list", parent="customer"),
        Endpoint("GET", "/v1/account", "account", "get"),
        Endpoint("GET", "/v1/balance", "balance", "get"),
    ]
    return served


def _write(method: str, template: str, kind: str, run: Operation, **more: Any) -> Endpoint:
    return Endpoint(method, template, kind, "write", run, **more)


def _writes() -> list[Endpoint]:
    return [
        _write("POST", "/v1/invoices/{id}/pay", "invoice", lambda e, i, p: e.pay_invoice(i, p)),
        _write("POST", "/v1/invoices/{id}/finalize", "invoice", lambda e, i, p: e.finalize_invoice(i, p)),
        _write("POST", "/v1/customers", "customer", lambda e, _, p: e.create_customer(p)),
        _write("POST", "/v1/customers/{id}", "customer", lambda e, i, p: e.update_customer(i, p)),
        _write(
            "POST",
            "/v1/subscriptions",
            "subscription",
            lambda e, _, p: e.create_subscription(p),
            required=("customer",),
            locks="customer",
        ),
        _write("POST", "/v1/subscriptions/{id}", "subscription", lambda e, i, p: e.update_subscription(i, p)),
        _write("POST", "/v1/subscriptions/{id}/resume", "subscription", lambda e, i, p: e.resume_subscription(i, p)),
        _write("DELETE", "/v1/subscriptions/{id}", "subscription", lambda e, i, p: e.cancel_subscription(i, p)),
        _write(
            "POST",
            "/v1/billing_portal/sessions",
            "billing_portal.session",
            lambda e, _, p: e.create_portal_session(p),
            required=("customer",),
            locks="customer",
        ),
        _write(
            "POST",
            "/v1/checkout/sessions",
            "checkout.session",
            lambda e, _, p: e.create_checkout_session(p),
            locks="customer",
        ),
        _write(
            "POST",
            "/v1/checkout/sessions/{id}/expire",
            "checkout.session",
            lambda e, i, _: e.expire_checkout_session(i),
        ),
    ]


def _cards() -> list[Endpoint]:
    saved = {"locks": "customer"}
    return [
        _write("POST", "/v1/customers/{id}/sources", "customer", lambda e, i, p: e.create_source(i, p)),
        _write(
            "POST",
            "/v1/payment_methods/{id}/attach",
            "payment_method",
            lambda e, i, p: e.attach_payment_method(i, p),
            required=("customer",),
        ),
        _write("POST", "/v1/payment_methods/{id}/detach", "payment_method", lambda e, i, _: e.detach_payment_method(i)),
        _write("POST", "/v1/setup_intents", "setup_intent", lambda e, _, p: e.create_setup_intent(p), **saved),
        _write("POST", "/v1/setup_intents/{id}/confirm", "setup_intent", lambda e, i, p: e.confirm_setup_intent(i, p)),
        _write("POST", "/v1/setup_intents/{id}/cancel", "setup_intent", lambda e, i, p: e.cancel_setup_intent(i, p)),
        _write("POST", "/v1/payment_intents", "payment_intent", lambda e, _, p: e.create_payment_intent(p), **saved),
        _write(
            "POST", "/v1/payment_intents/{id}/cancel", "payment_intent", lambda e, i, p: e.cancel_payment_intent(i, p)
        ),
    ]


def _invoices() -> list[Endpoint]:
    return [
        _write("POST", "/v1/invoices/{id}", "invoice", lambda e, i, p: e.update_invoice(i, p)),
        _write("POST", "/v1/invoices/{id}/void", "invoice", lambda e, i, p: e.void_invoice(i, p)),
        _write(
            "POST",
            "/v1/invoices/{id}/mark_uncollectible",
            "invoice",
            lambda e, i, p: e.mark_invoice_uncollectible(i, p),
        ),
    ]


def _test_clocks() -> list[Endpoint]:
    path, kind = "/v1/test_helpers/test_clocks", "test_helpers.test_clock"
    return [
        _write("POST", path, kind, lambda e, _, p: e.create_test_clock(p), required=("frozen_time",)),
        _write("POST", path + "/{id}/advance", kind, lambda e, i, p: e.advance_test_clock(i, p)),
        _write("DELETE", path + "/{id}", kind, lambda e, i, _: e.delete_test_clock(i)),
        _write("POST", "/v1/products", "product", lambda e, _, p: e.create_product(p), required=("name",)),
        _write("POST", "/v1/products/{id}", "product", lambda e, i, p: e.update_product(i, p)),
        _write("POST", "/v1/prices", "price", lambda e, _, p: e.create_price(p), required=("currency",)),
        _write("POST", "/v1/prices/{id}", "price", lambda e, i, p: e.update_price(i, p)),
    ]


ENDPOINTS: tuple[Endpoint, ...] = (*_lists(), *_writes(), *_cards(), *_invoices(), *_test_clocks())


def name_of(method: str, path: str) -> str:
    """What the counters call a request: its endpoint, or the path as it is."""
    found = find(method, path)
    return found[0].name if found else f"{method} {path}"


def find(method: str, path: str) -> tuple[Endpoint, str] | None:
    """The endpoint of a request and the id in its path ("" where it has none)."""
    for endpoint in ENDPOINTS:
        if endpoint.method == method and (match := endpoint.pattern.match(path)):
            return endpoint, match[1] if match.groups() else ""
    return None
