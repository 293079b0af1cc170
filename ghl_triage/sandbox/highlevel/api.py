"""HighLevel's API as an ASGI application."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ghl_triage.sandbox.highlevel import agency, contacts, payments, rules
from ghl_triage.sandbox.http.record import Record
from ghl_triage.sandbox.world.api import HighLevelSide, RowKind

TOKEN, AGENCY_TOKEN = rules.TOKEN, rules.AGENCY_TOKEN

Handler = Callable[[HighLevelSide, str, Mapping[str, str], Any], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: the date version that its API wants, the scope, and whether the token must be the agency's (None:
    the location's will do as well)."""

    method: str
    template: str
    scope: str
    run: Handler
    version: str = "2021-07-28"
    agency: bool | None = False
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.compile("^" + self.template.replace("{id}", "([^/]+)") + "/?$")
        object.__setattr__(self, "pattern", pattern)

    @property
    def name(self) -> str:
        """The endpoint as the counters call it."""
        return f"{self.method} {self.template}"


def _listed(kind: RowKind) -> Route:
    path = f"/payments/{kind}s"
    return Route("GET", path, f"{path[1:]}.readonly", lambda side, _, query, __: payments.listed(side, kind, query))


def _single(kind: RowKind) -> Route:
    path = f"/payments/{kind}s"
    return Route(
        "GET",
        path + "/{id}",
        f"{path[1:]}.readonly",
        lambda side, row, query, _: payments.single(side, kind, row, query),
    )


ROUTES: tuple[Route, ...] = (
    _listed("subscription"),
    _single("subscription"),
    _listed("transaction"),
    _single("transaction"),
    _listed("order"),
    Route(
        "GET",
        "/contacts/search/duplicate",
        "contacts.readonly",
        lambda side, _, query, __: contacts.duplicate(side, query),
    ),
    Route("POST", "/contacts/search", "contacts.readonly", lambda side, _, __, body: contacts.search(side, body)),
    Route("GET", "/contacts/{id}", "contacts.readonly", lambda side, row, _, __: contacts.contact(side, row)),
    Route("GET", "/workflows", "workflows.readonly", lambda side, _, query, __: agency.workflows(side, query)),
    Route(
        "GET",
        "/locations/{id}",
        "locations.readonly",
        lambda side, location, _, __: agency.location(side, location),
        agency=None,
    ),
    Route(
        "GET",
        "/companies/{id}",
        "companies.readonly",
        lambda side, company, _, __: agency.company(side, company),
        agency=True,
    ),
    Route(
        "GET",
        "/saas/saas-locations/{id}",
        "saas/company.read",
        lambda side, company, query, _: agency.saas_locations(side, company, query),
        version="2021-04-15",
        agency=True,
    ),
    Route(
        "GET",
        "/saas/get-saas-subscription/{id}",
        "saas/company.read",
        lambda side, location, query, _: agency.saas_subscription(side, location, query),
        version="2021-04-15",
        agency=True,
    ),
)


@dataclass(slots=True)
class HighLevelApi:
    """The API. `limited` switches HighLevel's 100 requests in 10 seconds."""

    side: HighLevelSide
    record: Record
    bring_up_to_date: Callable[[], None]
    limited: bool = True
    latency: float = 0.0
    _window: rules.Window = field(init=False)
    _traces: int = 0

    def __post_init__(self) -> None:
        self._window = rules.Window(self.limited)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.bring_up_to_date()
        request = Request(scope, receive)
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        body = await request.body()
        entry = self.record.note("highlevel", name_of(request.method, path), _noted(request, path, body))
        self._traces += 1
        trace = f"00000000-0000-4000-8000-{self._traces:012x}"
        try:
            status, answer = 200, {**self._answer(request, path, body), "traceId": trace}
        except rules.Refused as refused:
            status, answer = refused.status, refused.body(trace)
        entry["status"] = status
        if self.latency:
            await asyncio.sleep(self.latency)
        await _send(send, status, answer, self._window.headers())

    def _answer(self, request: Request, path: str, body: bytes) -> Mapping[str, Any]:
        if not self._window.take():
            raise rules.Refused(429, "Too Many Requests", "Too Many Requests")
        found = _find(request.method, path)
        if found is None:
            raise rules.Refused(404, f"Cannot {request.method} {path}", "Not Found")
        route, row = found
        rules.check_token(request.headers.get("authorization"), agency=route.agency, scope=route.scope)
        rules.check_version(request.headers.get("version"), route.version)
        answer: Mapping[str, Any] = route.run(self.side, row, dict(request.query_params), _json(body))
        return answer


def _noted(request: Request, path: str, body: bytes) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": path,
        "query": request.url.query,
        "json": body.decode("utf-8", "replace"),
        "version": request.headers.get("version"),
    }


def name_of(method: str, path: str) -> str:
    """What the counters call a request: its endpoint, or the path as it is."""
    found = _find(method, path)
    return found[0].name if found else f"{method} {path}"


def _find(method: str, path: str) -> tuple[Route, str] | None:
    for route in ROUTES:
        if route.method == method and (match := route.pattern.match(path)):
            return route, match[1] if match.groups() else ""
    return None


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError as error:
        raise rules.bad_request(str(error)) from None


async def _send(send: Send, status: int, answer: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    body = orjson.dumps(answer)
    named = {"content-type": "application/json; charset=utf-8", "content-length": str(len(body)), **headers}
    pairs = [(name.lower().encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
