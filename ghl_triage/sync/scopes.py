"""Which scopes HighLevel's tokens have: asked for one by one, since its own documents differ on what each is called.

domain/highlevel.md 2.3. All are reads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ghl_triage.clock import Clock
from ghl_triage.config import Settings
from ghl_triage.errors import NotAuthenticated, NotPermitted, RateLimited, SourceError, Unreachable
from ghl_triage.sources.highlevel import VERSIONS, HighLevelReader, highlevel_reader
from ghl_triage.sources.highlevel_agency import HighLevelAgency, highlevel_agency
from ghl_triage.sync.checks import Check, State

TRIES = 2
ADD_SCOPE = "Add the scope under Settings > Private Integrations; the token stays the same."
NAME_COMPANY = "Set HIGHLEVEL_COMPANY_ID: it stands in the agency's settings."
NOBODY = "nobody@ghl-triage.invalid"

Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class _Scope:
    name: str
    purpose: str
    ask: Ask
    needed: bool = True


async def highlevel_checks(settings: Settings, clock: Clock) -> list[Check]:
    """Each token, with what it is asked for."""
    seller, agency = await asyncio.gather(_seller(settings, clock), _agency(settings, clock))
    return [*seller, *agency]


async def _seller(settings: Settings, clock: Clock) -> list[Check]:
    area = "HighLevel"
    if not settings.highlevel_token:
        return [_off(area, "the token", "what HighLevel sold, and its contacts", "Set HIGHLEVEL_TOKEN.")]
    if not settings.highlevel_location:
        fix = "Set HIGHLEVEL_LOCATION_ID: it stands in the address of the location's pages."
        return [Check(area, "the location", State.MISSING, "which location the token is read for", fix)]
    reader = highlevel_reader(
        settings.highlevel_token, settings.highlevel_base, settings.highlevel_location, clock=clock, tries=TRIES
    )
    try:
        return await _scopes(area, "the token", _seller_scopes(reader))
    finally:
        await reader.close()


def _seller_scopes(reader: HighLevelReader) -> list[_Scope]:
    here = [("altId", reader.location), ("altType", "location"), ("limit", "1"), ("offset", "0")]
    nobody = [("locationId", reader.location), ("email", NOBODY)]

    def get(path: str, query: Sequence[tuple[str, str]], api: str) -> Ask:
        return lambda: reader.transport.get(path, query, headers={"Version": VERSIONS[api]})

    return [
        _Scope("payments/subscriptions.readonly", "what it lists", get("/payments/subscriptions", here, "payments")),
        _Scope("payments/transactions.readonly", "what it charged", get("/payments/transactions", here, "payments")),
        _Scope("contacts.readonly", "the contact of a customer", get("/contacts/search/duplicate", nobody, "contacts")),
        _Scope("workflows.readonly", "what else acts on failed payments", reader.workflows, needed=False),
        _Scope("locations.readonly", "the agency behind the location", reader.company, needed=False),
    ]


async def _agency(settings: Settings, clock: Clock) -> list[Check]:
    area, purpose = "HighLevel agency", "which of the customers' own locations is mapped to what in Stripe"
    if not settings.highlevel_agency_token:
        return [_off(area, "the agency token", purpose, "Set HIGHLEVEL_AGENCY_TOKEN.")]
    agency = highlevel_agency(settings.highlevel_agency_token, settings.highlevel_base, clock=clock, tries=TRIES)
    try:
        company = settings.highlevel_company
        if not company and settings.highlevel_location:
            company = await agency.company_of(settings.highlevel_location) or ""
        if not company:
            return [Check(area, "the company", State.UNKNOWN, purpose, NAME_COMPANY)]
        return await _scopes(area, "the agency token", _agency_scopes(agency, company, purpose))
    except SourceError as error:
        silent = isinstance(error, Unreachable | RateLimited)
        return [Check(area, "the company", State.UNKNOWN, purpose, error.message if silent else NAME_COMPANY)]
    finally:
        await agency.close()


def _agency_scopes(agency: HighLevelAgency, company: str, purpose: str) -> list[_Scope]:
    first = f"/saas/saas-locations/{quote(company, safe='')}"

    def mapping() -> Awaitable[object]:
        return agency.transport.get(first, [("page", "1")], headers={"Version": VERSIONS["saas"]})

    def account() -> Awaitable[object]:
        return agency.stripe_account(company)

    return [
        _Scope("saas/company.read", purpose, mapping),
        _Scope("companies.readonly", "the Stripe account of the mapping", account, needed=False),
    ]


async def _scopes(area: str, token: str, scopes: Sequence[_Scope]) -> list[Check]:
    answers = await asyncio.gather(*map(_answer, scopes))
    refused = [answer for answer in answers if isinstance(answer, NotAuthenticated)]
    if len(refused) == len(answers):
        # A missing scope is a 401 too: what is refused everywhere is the token itself.
        return [Check(area, token, State.MISSING, refused[0].message, refused[0].hint)]
    return [_of_scope(area, scope, answer) for scope, answer in zip(scopes, answers, strict=True)]


async def _answer(scope: _Scope) -> SourceError | None:
    try:
        await scope.ask()
    except SourceError as error:
        return error
    return None


def _of_scope(area: str, scope: _Scope, answer: SourceError | None) -> Check:
    if answer is None:
        return Check(area, scope.name, State.OK, scope.purpose, needed=scope.needed)
    missing = isinstance(answer, NotAuthenticated | NotPermitted)
    state, fix = (State.MISSING, ADD_SCOPE) if missing else (State.UNKNOWN, answer.message)
    return Check(area, scope.name, state, scope.purpose, fix, scope.needed)


def _off(area: str, name: str, purpose: str, fix: str) -> Check:
    return Check(area, name, State.OFF, purpose, fix, needed=False)
