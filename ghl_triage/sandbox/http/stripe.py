"""Stripe's API: one request from its bytes to the reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from ghl_triage.sandbox.engine.api import API_VERSION, Obj, Request, StripeEngine, StripeError, kind_of
from ghl_triage.sandbox.http import expand, form, keys, limits, pages, parameters
from ghl_triage.sandbox.http.endpoints import Endpoint, find, name_of
from ghl_triage.sandbox.http.events import Events
from ghl_triage.sandbox.http.expansions import EXPANSIONS
from ghl_triage.sandbox.http.idempotency import Idempotency
from ghl_triage.sandbox.http.included import Included
from ghl_triage.sandbox.http.record import Record
from ghl_triage.sandbox.http.reply import Reply, error_reply, json_reply, stripe_headers

WRITE_SECONDS = 0.003
"""How long a write holds its locks at least: two at once must meet, as they do at Stripe."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read."""

    endpoint: Endpoint
    object_id: str
    path: str
    params: form.Nested
    key: keys.Key
    request_id: str
    idempotency_key: str | None


@dataclass(slots=True)
class StripeApi:
    """The API as an ASGI application. `bring_up_to_date` moves the engine's clock before anything is read."""

    engine: StripeEngine
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
        http = HttpRequest(scope, receive)
        request_id = "req_" + "".join(self._dice.choices(_BASE62, k=14))
        idempotency_key = http.headers.get("idempotency-key")
        reply = await self._reply(http, request_id, idempotency_key)
        headers = stripe_headers(
            reply, request_id=request_id, now=self.engine.clock.now, idempotency_key=idempotency_key
        )
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _reply(self, http: HttpRequest, request_id: str, idempotency_key: str | None) -> Reply:
        self.bring_up_to_date()
        try:
            return await self._answer(await self._read(http, request_id, idempotency_key))
        except StripeError as error:
            return self._refusal(error, request_id)

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

    # From bytes to a call -----------------------------------------------------------------------------------------
    async def _read(self, http: HttpRequest, request_id: str, idempotency_key: str | None) -> Call:
        path = http.scope["path"].removeprefix(http.scope.get("root_path", ""))
        body = (await http.body()).decode("utf-8", "replace")
        query = http.scope["query_string"].decode("latin-1")
        found = find(http.method, path)
        noted = {"method": http.method, "path": path, "query": query, "form": body, "request_id": request_id}
        version = http.headers.get("stripe-version")
        self.record.note(
            "stripe", name_of(http.method, path), {**noted, "version": version, "idempotency_key": idempotency_key}
        )
        key = keys.key_of(http.headers.get("authorization"))
        if self._bucket is not None and not self._bucket.take():
            raise limits.too_many()
        _check_version(version)
        if found is None:
            raise _unrecognized(http.method, path)
        endpoint, object_id = found
        self._check_right(endpoint, key)
        sent = parse_qsl(query, keep_blank_values=True)
        if endpoint.method == "POST":
            sent += parse_qsl(body, keep_blank_values=True)
        params = parameters.check(endpoint.name, form.decode(sent))
        _check_required(endpoint, params)
        return Call(endpoint, object_id, path, params, key, request_id, idempotency_key)

    def _check_right(self, endpoint: Endpoint, key: keys.Key) -> None:
        resource = keys.RIGHTS[endpoint.kind]
        right = f"{resource}_write" if endpoint.does == "write" else f"{resource}_read"
        keys.demand(key, right, self.engine.account()["id"])

    # From a call to a reply ---------------------------------------------------------------------------------------
    async def _answer(self, call: Call) -> Reply:
        paths = call.params.get("expand", [])
        tree = expand.plan(paths, call.endpoint.kind, listed=call.endpoint.does == "list")
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
        return json_reply(self._renderer.render(self._get(call), tree))

    def _get(self, call: Call) -> Obj:
        if call.endpoint.kind == "account":
            return self.engine.account()
        if call.endpoint.kind == "event":
            return self._events.get(call.object_id)
        return self.engine.get(call.endpoint.kind, call.object_id)

    def _list(self, call: Call, tree: expand.Tree) -> Reply:
        filters = {}
        if call.endpoint.parent is not None:
            filters[call.endpoint.parent] = self.engine.get(call.endpoint.parent, call.object_id)["id"]
        lister = self._events.list if call.endpoint.kind == "event" else self.engine.list
        found, more = pages.page(lister, call.endpoint.kind, call.params, filters)
        return _listed(call.path, self._rendered(found, tree), more)

    def _rendered(self, found: Iterable[Obj], tree: expand.Tree) -> list[Obj]:
        return [self._renderer.render(obj, tree) for obj in found]

    def _live(self, call: Call) -> Reply:
        """What a live-mode key sees of an account that has only ever been used in test mode."""
        if call.endpoint.kind == "account":
            return json_reply(self.engine.account())
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
        if call.object_id:
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


def _check_version(version: str | None) -> None:
    if version not in (None, API_VERSION):
        raise StripeError(f"Invalid Stripe API version: {version}. The sandbox speaks {API_VERSION} only.")


def _check_required(endpoint: Endpoint, params: Mapping[str, Any]) -> None:
    for name in endpoint.required:
        if name not in params:
            raise StripeError(f"Missing required param: {name}.", code="parameter_missing", param=name)


def _unrecognized(method: str, path: str) -> StripeError:
    message = (
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/."
    )
    return StripeError(message, status=404)


def _other_mode(object_id: str) -> StripeError:
    kind = (kind_of(object_id) or "object").replace("radar.", "")
    message = (
        f"No such {kind}: '{object_id}'; a similar object exists in test mode, but a live mode key was used to make "
        "this request."
    )
    return StripeError(message, code="resource_missing", param="id", status=404)
