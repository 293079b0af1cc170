"""Plays a story on an engine of the sandbox and writes down what it asks of Stripe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ghl_triage.sandbox.engine import (
    checkout,
    customers,
    invoices,
    payment_intents,
    payment_methods,
    payments,
    portal,
    setup_intents,
    subscriptions,
)
from ghl_triage.sandbox.engine.api import CardSpec, Obj, Params, Request, StripeError
from ghl_triage.sandbox.engine.cards import fingerprint_of
from ghl_triage.sandbox.engine.clock import EngineClock
from ghl_triage.sandbox.engine.core import Core
from ghl_triage.sandbox.engine.engine import Engine
from ghl_triage.sandbox.verify import plastic
from ghl_triage.sandbox.verify.transcript import Call, Look, Move, NotPlayable, Step, Transcript

_REQUESTS: Mapping[Callable[..., Any], tuple[str, str]] = {
    customers.create: ("POST", "/v1/customers"),
    customers.update: ("POST", "/v1/customers/{}"),
    customers.create_source: ("POST", "/v1/customers/{}/sources"),
    payment_methods.attach: ("POST", "/v1/payment_methods/{}/attach"),
    payment_methods.detach: ("POST", "/v1/payment_methods/{}/detach"),
    setup_intents.create: ("POST", "/v1/setup_intents"),
    setup_intents.confirm: ("POST", "/v1/setup_intents/{}/confirm"),
    setup_intents.cancel: ("POST", "/v1/setup_intents/{}/cancel"),
    payment_intents.create: ("POST", "/v1/payment_intents"),
    payment_intents.cancel: ("POST", "/v1/payment_intents/{}/cancel"),
    subscriptions.create: ("POST", "/v1/subscriptions"),
    subscriptions.update: ("POST", "/v1/subscriptions/{}"),
    subscriptions.cancel: ("DELETE", "/v1/subscriptions/{}"),
    subscriptions.resume: ("POST", "/v1/subscriptions/{}/resume"),
    invoices.update: ("POST", "/v1/invoices/{}"),
    payments.finalize: ("POST", "/v1/invoices/{}/finalize"),
    payments.pay: ("POST", "/v1/invoices/{}/pay"),
    payments.void: ("POST", "/v1/invoices/{}/void"),
    payments.mark_uncollectible: ("POST", "/v1/invoices/{}/mark_uncollectible"),
}
_PAGES: Mapping[Callable[..., Any], str] = {
    checkout.create: "a Checkout page, which only a customer can fill in",
    portal.create_session: "the customer portal, which only a customer can use",
    portal.pay_invoice: "an invoice's page, which only a customer can pay on",
    setup_intents.authenticate: "a bank's challenge, which only a browser can meet",
    payment_intents.authenticate: "a bank's challenge, which only a browser can meet",
    subscriptions.pause: "a pause for which the API has no request",
}
_ALSO: Mapping[Callable[..., Any], str] = {
    setup_intents.create: "payment_method",
    setup_intents.confirm: "payment_method",
    payment_intents.create: "payment_method",
    subscriptions.create: "pending_setup_intent",
}
"""What an answer names beside its own object that the story may use."""


class Recorder(Engine):
    """An engine that writes a transcript.

    A first playing learns what becomes of each card (`fates`, in the order of issue); the second is given that, and
    issues test cards of Stripe's in their place.
    """

    def __init__(self, shop: Core, now: int, fates: Sequence[Sequence[CardSpec]] | None = None) -> None:
        super().__init__("verify", now, shop.beliefs, parent=shop)
        self.fates: list[list[CardSpec]] = []
        self._foreseen = fates
        self._fingerprints: dict[str, int] = {}
        self._steps: list[Step] = []
        self._words: dict[str, str] = {}
        self._named: dict[str, None] = {}
        self._clock = _Clock(self)

    def transcript(self) -> Transcript:
        """What was asked so far."""
        made = [name for name in self._named if name.startswith("cus_")]
        sold = self.list("subscription", {"status": "all"})
        prices = [item["price"]["recurring"]["interval"] for each in sold for item in each["items"]["data"]]
        shortest = 7 if "week" in prices else 28
        return Transcript(tuple(self._steps), dict(self._words), tuple(self._named), tuple(made), shortest)

    def moved(self, to: int) -> None:
        """The clock goes on; several moves in a row are one."""
        if self._steps and isinstance(self._steps[-1], Move):
            self._steps.pop()
        self._steps.append(Move(to))

    # What the story asks ------------------------------------------------------------------------------------------
    @contextmanager
    def request(self, request: Request) -> Iterator[None]:
        """A request of the key's own; another platform's can't be sent."""
        if request.application is not None:
            raise NotPlayable("requests of another platform (HighLevel's checkout, or a stranger's)")
        with super().request(request):
            yield

    def ask_again(self, ending: str) -> None:
        """The last request to a path that ends so is sent once more under its key: its stored answer is given, and
        nothing is done.
        """
        asked = [(number, step) for number, step in enumerate(self._steps) if isinstance(step, Call)]
        number, call = next(pair for pair in reversed(asked) if pair[1].path.endswith(ending))
        self._steps.append(replace(call, again=number))

    def get(self, kind: str, object_id: str) -> Obj:
        """Reading a subscription tells of its latest invoice."""
        found = super().get(kind, object_id)
        invoice = found.get("latest_invoice") if kind == "subscription" else None
        if invoice and invoice not in self._named:
            self._steps.append(Look(object_id, invoice))
            self._named[invoice] = None
        return found

    def issue_card(self, spec: CardSpec) -> str:
        """In the first playing the card that the story wants, in the second Stripe's nearest."""
        number = len(self.fates)
        self.fates.append([spec])
        if self._foreseen is not None:
            return f"tok_{plastic.word(self._foreseen[number])}"
        token = super().issue_card(spec)
        self._fingerprints[fingerprint_of(self.state, token)] = number
        return token

    def set_bank(self, card: str, spec: CardSpec) -> None:
        """In the second playing the card is bad already."""
        if self._foreseen is not None:
            return
        if any(self._paid_by(card)):
            raise NotPlayable("a card that was charged before its bank changed its mind")
        super().set_bank(card, spec)
        self.fates[self._fingerprints[fingerprint_of(self.state, card)]].append(spec)

    def _paid_by(self, card: str) -> Iterator[bool]:
        fingerprint = fingerprint_of(self.state, card)
        for charge in self.list("charge"):
            details = charge["payment_method_details"]["card"]
            yield bool(details and details["fingerprint"] == fingerprint)

    def open_dispute(self, *_: Any, **__: Any) -> Obj:
        raise NotPlayable("a dispute on a charge that was paid without one")

    def warn_of_fraud(self, *_: Any, **__: Any) -> Obj:
        raise NotPlayable("a warning of the card network")

    def set_mandate(self, *_: Any, **__: Any) -> Obj:
        raise NotPlayable("a mandate that its owner withdraws at the bank")

    def renew_card_automatically(self, *_: Any, **__: Any) -> Obj:
        raise NotPlayable("a card that its network renews")

    def set_endpoint(self, **_: Any) -> None:
        raise NotPlayable("a webhook endpoint that fails")

    def _do(self, operation: Any, *args: Any) -> Obj:
        if operation in _PAGES:
            raise NotPlayable(_PAGES[operation])
        if operation is payment_methods.create:
            return self._kept_card(super()._do(operation, *args), args[0])
        if operation not in _REQUESTS:
            raise NotPlayable(f"{operation.__module__.rpartition('.')[2]}.{operation.__name__}")
        method, template = _REQUESTS[operation]
        named, params = (args[0], args[1] if len(args) > 1 else {}) if "{}" in template else ("", args[0])
        path = template.format(named)
        if method == "DELETE" and self.state.request is not None:
            self.state.request = replace(self.state.request, idempotency_key=None)
        try:
            done = super()._do(operation, *args)
        except StripeError as refusal:
            self._steps.append(Call(method, path, params, refused=refusal.code or refusal.type))
            raise
        self._steps.append(Call(method, path, params, self._given(operation, done)))
        return done

    def _kept_card(self, card: Obj, params: Params) -> Obj:
        """A card of nobody is no request yet: Stripe's test ids become a PaymentMethod where they are first used."""
        word = str(params["card"]["token"]).removeprefix("tok_")
        if word in plastic.TOKENS_ALONE:
            raise NotPlayable("a card that is lost later, which Stripe has for the old kind of saved card alone")
        self._words[card["id"]] = word
        return card

    def _given(self, operation: Callable[..., Any], done: Obj) -> tuple[tuple[str, str], ...]:
        given = [(str(done["id"]), "id")]
        also = _ALSO.get(operation)
        if also and done[also]:
            given.append((str(done[also]), also))
        for object_id, _ in given:
            self._named.setdefault(object_id)
        return tuple(given)


class _Clock(EngineClock):
    """Tells the recorder of each move."""

    __slots__ = ("_recorder",)

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(recorder.state)
        self._recorder = recorder

    def advance_to(self, epoch: int) -> int:
        if epoch > self.now:
            self._recorder.moved(epoch)
        return super().advance_to(epoch)
