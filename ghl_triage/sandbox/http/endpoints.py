"""The Stripe endpoints that are served: those that the product calls, those that its example checkout calls, and those
that tell the stories once more on a test clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj, Params

Operation = Callable[[Engine, str, Params], Obj]


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


def _made(template: str, kind: str, make: Callable[[Engine, Params], Obj], **more: Any) -> Endpoint:
    """Makes an object."""
    return Endpoint("POST", template, kind, "write", lambda engine, _, params: make(engine, params), **more)


def _done(template: str, kind: str, act: Callable[[Engine, str], Obj], method: str = "POST") -> Endpoint:
    """Does something to the object in its path, without parameters."""
    return Endpoint(method, template, kind, "write", lambda engine, object_id, _: act(engine, object_id))


def _changed(template: str, kind: str, change: Operation, method: str = "POST", **more: Any) -> Endpoint:
    """Changes the object in its path."""
    return Endpoint(method, template, kind, "write", change, **more)


_CLOCK, _CLOCKS = "test_helpers.test_clock", "/v1/test_helpers/test_clocks"


def _writes() -> tuple[Endpoint, ...]:
    held: dict[str, Any] = {"locks": "customer"}
    his: dict[str, Any] = {**held, "required": ("customer",)}
    return (
        _made("/v1/customers", "customer", Engine.create_customer),
        _changed("/v1/customers/{id}", "customer", Engine.update_customer),
        _changed("/v1/customers/{id}/sources", "customer", Engine.create_source),
        _changed(
            "/v1/payment_methods/{id}/attach", "payment_method", Engine.attach_payment_method, required=("customer",)
        ),
        _done("/v1/payment_methods/{id}/detach", "payment_method", Engine.detach_payment_method),
        _made("/v1/setup_intents", "setup_intent", Engine.create_setup_intent, **held),
        _changed("/v1/setup_intents/{id}/confirm", "setup_intent", Engine.confirm_setup_intent),
        _changed("/v1/setup_intents/{id}/cancel", "setup_intent", Engine.cancel_setup_intent),
        _made("/v1/payment_intents", "payment_intent", Engine.create_payment_intent, **held),
        _changed("/v1/payment_intents/{id}/cancel", "payment_intent", Engine.cancel_payment_intent),
        _made("/v1/subscriptions", "subscription", Engine.create_subscription, **his),
        _changed("/v1/subscriptions/{id}", "subscription", Engine.update_subscription),
        _changed("/v1/subscriptions/{id}/resume", "subscription", Engine.resume_subscription),
        _changed("/v1/subscriptions/{id}", "subscription", Engine.cancel_subscription, method="DELETE"),
        _changed("/v1/invoices/{id}", "invoice", Engine.update_invoice),
        _changed("/v1/invoices/{id}/finalize", "invoice", Engine.finalize_invoice),
        _changed("/v1/invoices/{id}/pay", "invoice", Engine.pay_invoice),
        _changed("/v1/invoices/{id}/void", "invoice", Engine.void_invoice),
        _changed("/v1/invoices/{id}/mark_uncollectible", "invoice", Engine.mark_invoice_uncollectible),
        _made("/v1/billing_portal/sessions", "billing_portal.session", Engine.create_portal_session, **his),
        _made("/v1/checkout/sessions", "checkout.session", Engine.create_checkout_session, **held),
        _done("/v1/checkout/sessions/{id}/expire", "checkout.session", Engine.expire_checkout_session),
        _made("/v1/products", "product", Engine.create_product, required=("name",)),
        _changed("/v1/products/{id}", "product", Engine.update_product),
        _made("/v1/prices", "price", Engine.create_price, required=("currency",)),
        _changed("/v1/prices/{id}", "price", Engine.update_price),
        _made(_CLOCKS, _CLOCK, Engine.create_test_clock, required=("frozen_time",)),
        _changed(_CLOCKS + "/{id}/advance", _CLOCK, Engine.advance_test_clock),
        _done(_CLOCKS + "/{id}", _CLOCK, Engine.delete_test_clock, method="DELETE"),
    )


ENDPOINTS: tuple[Endpoint, ...] = (*_lists(), *_writes())


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
