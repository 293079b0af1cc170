"""Stripe's API: one request from its bytes to the reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

from starlette.types import Receive, Scope, Send

from ghl_triage.sandbox.engine import Engine
from ghl_triage.sandbox.engine.api import Obj, Request, StripeError, kind_of
from ghl_triage.sandbox.engine.shapes.catalogue import balance
from ghl_triage.sandbox.engine.state import missing
from ghl_triage.sandbox.http import expand, keys, limits, pages, search
from ghl_triage.sandbox.http.endpoints import name_of
from ghl_triage.sandbox.http.events import Events
from ghl_triage.sandbox.http.expansions import EXPANSIONS
from ghl_triage.sandbox.http.idempotency import Idempotency
from ghl_triage.sandbox.http.included import Included
from ghl_triage.sandbox.http.incoming import Call, Incoming, endpoint_of, read, receive_request
from ghl_triage.sandbox.http.record import Record
from ghl_triage.sandbox.http.reply import Reply, error_reply, json_reply, stripe_headers

WRITE_SECONDS = 0.003
"""How long a write holds its locks at least: two at once must meet, as they do at Stripe."""

_TEST_CARD = "pm_card_"
"""How Stripe's test ids begin that stand for no object yet."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class StripeApi:
    """The API as an ASGI application. `bring_up_to_date` moves the engine's clock before anything is read."""

    engine: Engine
    record: Record
    bring_up_to_date: Callable[[], None]
    rate: float | None = limits.TEST_MODE_RATE
    latency: float = 0.0
    chaos: bool = False
    seed: int = 1
    idempotency: Idempotency = field(default_factory=Idempotency)
    locks: limits.Locks = field(default_factory=limits.Locks)
    _bucket: limits.Bucket | None = field(init=False)
    _dice: Random = field(init=False)
    _events: Events = field(init=False)
    _renderer: expand.Renderer = field(init=False)

    def __post_init__(self) -> None:
        self._bucket = limits.Bucket(self.rate) if self.rate else None
        self._dice = Random(self.seed)  # noqa: S311
        self._events = Events(self.engine, self.chaos)
        self._renderer = expand.Renderer(self.engine, Included(self.engine).field)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = "req_" + "".join(self._dice.choices(_BASE62, k=14))
        incoming = await receive_request(scope, receive, request_id)
        entry = self.record.note("stripe", name_of(incoming.method, incoming.path), incoming.noted())
        reply = await self._reply(incoming)
        entry["status"] = reply.status
        headers = stripe_headers(
            reply, request_id=request_id, now=self.engine.clock.now, idempotency_key=incoming.idempotency_key
        )
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, incoming: Incoming) -> Reply:
        self.bring_up_to_date()
        try:
            return await self._answer(self._admit(incoming))
        except StripeError as error:
            return self._refusal(error, incoming.request_id)

    def _refusal(self, error: StripeError, request_id: str) -> Reply:
        if error.code == "resource_missing" and error.param not in (None, "id"):
            error.status = 400  # 404 is for the id in the address; one that a parameter names is a bad parameter
        headers = {}
        if error.code == "rate_limit":
            headers[limits.REASON] = "global-rate"
        if error.code == "idempotency_key_in_use":
            headers["Stripe-Should-Retry"] = "true"
        elif error.status in (400, 402, 404):
            headers["Stripe-Should-Retry"] = "false"
        return error_reply(error, engine=self.engine, request_id=request_id, headers=headers)

    def _admit(self, incoming: Incoming) -> Call:
        """Key, pace, address, right and parameters, in this order."""
        key = keys.key_of(incoming.authorization)
        if self._bucket is not None and not self._bucket.take():
            raise limits.too_many()
        endpoint, object_id = endpoint_of(incoming)
        if not self.engine.beliefs.rights_before_existence:
            self._demand_objects(read(incoming, endpoint, object_id, key))
        resource = keys.RIGHTS[endpoint.kind]
        right = f"{resource}_write" if endpoint.does == "write" else f"{resource}_read"
        keys.demand(key, right, self.engine.account()["id"])
        return read(incoming, endpoint, object_id, key)

    def _demand_objects(self, call: Call) -> None:
        """StripeError where what a write names does not exist."""
        if call.endpoint.does != "write":
            return
        if call.object_id:
            self.engine.get(call.endpoint.kind, call.object_id)
        elif call.endpoint.locks in call.params:
            self.engine.get("customer", call.params["customer"])

    # Reads --------------------------------------------------------------------------------------------------------
    async def _answer(self, call: Call) -> Reply:
        paths = call.params.get("expand", [])
        tree = expand.plan(paths, call.endpoint.kind, listed=call.endpoint.does in ("list", "search"))
        for kind in expand.kinds(tree, EXPANSIONS[call.endpoint.kind]):
            keys.demand(call.key, f"{keys.RIGHTS[kind]}_read", self.engine.account()["id"])
        if call.endpoint.does == "write":
            return await self._write(call, tree)
        if self.latency:
            await asyncio.sleep(self.latency)
        if call.key.livemode:
            return self._live(call)
        if call.endpoint.does == "list":
            return self._list(call, tree)
        if call.endpoint.does == "search":
            return self._search(call, tree)
        return json_reply(self._renderer.render(self._get(call), tree))

    def _get(self, call: Call) -> Obj:
        if call.endpoint.kind == "account":
            return self.engine.account()
        if call.endpoint.kind == "balance":
            return balance(livemode=call.key.livemode)
        if call.endpoint.kind == "test_helpers.test_clock":
            return self.engine.read_test_clock(call.object_id)
        if call.endpoint.kind == "event":
            return self._events.get(call.object_id)
        return self.engine.get(call.endpoint.kind, call.object_id)

    def _list(self, call: Call, tree: expand.Tree) -> Reply:
        filters = {}
        if call.endpoint.parent is not None:
            filters[call.endpoint.parent] = self.engine.get(call.endpoint.parent, call.object_id)["id"]
        named = call.params.get("customer")
        if named and self.engine.peek(named) is None:
            raise missing("customer", named, "customer")
        lister = self._events.list if call.endpoint.kind == "event" else self.engine.list
        found, more = pages.page(lister, call.endpoint.kind, call.params, filters)
        return _listed(call.path, self._rendered(found, tree), more)

    def _search(self, call: Call, tree: expand.Tree) -> Reply:
        found, more = search.search(self.engine, call.params)
        after = str(int(call.params.get("page") or 0) + len(found)) if more else None
        page = {"object": "search_result", "data": self._rendered(found, tree), "has_more": more}
        return json_reply({**page, "next_page": after, "url": call.path})

    def _rendered(self, found: Iterable[Obj], tree: expand.Tree) -> list[Obj]:
        return [self._renderer.render(obj, tree) for obj in found]

    def _live(self, call: Call) -> Reply:
        """What a live-mode key sees of an account that has only ever been used in test mode."""
        if call.endpoint.kind in ("account", "balance"):
            return json_reply(self._get(call))
        if call.endpoint.does == "search":
            return json_reply(
                {"object": "search_result", "data": [], "has_more": False, "next_page": None, "url": call.path}
            )
        if call.endpoint.does == "list" and call.endpoint.parent is None:
            return _listed(call.path, [], more=False)
        raise _other_mode(call.object_id)

    # Writes -------------------------------------------------------------------------------------------------------
    async def _write(self, call: Call, tree: expand.Tree) -> Reply:
        if call.key.livemode:
            raise _other_mode(call.object_id or str(call.params.get("customer", "")))
        key = call.idempotency_key if call.endpoint.method == "POST" else None
        now = self.engine.clock.now
        with self.idempotency.use(key, call.path, call.params, now=now, request_id=call.request_id) as slot:
            if slot.stored is not None:
                headers = {"Idempotent-Replayed": "true", "Original-Request": slot.original or ""}
                return Reply(slot.stored.status, slot.stored.body, {**slot.stored.headers, **headers})
            with self.locks.hold(self._targets(call)):
                await asyncio.sleep(max(self.latency, WRITE_SECONDS))
                slot.new = self._carry_out(call, tree)
            return slot.new

    def _targets(self, call: Call) -> tuple[str, ...]:
        """The ids that this write locks; StripeError where the object is missing or held by another process."""
        if call.object_id and not call.object_id.startswith(_TEST_CARD):
            target = self.engine.get(call.endpoint.kind, call.object_id)["id"]
        else:
            target = call.params.get(call.endpoint.locks or "", "")
        if not target:
            return ()
        if self.engine.locked(target):
            raise limits.lock_timeout()
        return self.engine.lock_targets(target)

    def _carry_out(self, call: Call, tree: expand.Tree) -> Reply:
        """Carries the write out. Refusals too are results here: the same key will give them again."""
        run = call.endpoint.run
        if run is None:
            raise RuntimeError(f"{call.endpoint.name} writes nothing")
        params = {name: value for name, value in call.params.items() if name != "expand"}
        try:
            with self.engine.request(Request(call.request_id, call.idempotency_key)):
                changed = run(self.engine, call.object_id, params)
        except StripeError as error:
            return self._refusal(error, call.request_id)
        return json_reply(self._renderer.render(changed, tree))


def _listed(url: str, data: list[Obj], more: bool) -> Reply:
    return json_reply({"object": "list", "data": data, "has_more": more, "url": url})


def _other_mode(object_id: str) -> StripeError:
    kind = (kind_of(object_id) or "object").replace("radar.", "")
    message = (
        f"No such {kind}: '{object_id}'; a similar object exists in test mode, but a live mode key was used to make "
        "this request."
    )
    return StripeError(message, code="resource_missing", param="id", status=404)
