"""Finds the customers of an e-mail address, whatever their age: the list of customers is read for some months alone.

Stripe's search takes ten clauses in one query and compares e-mail addresses without regard to case; the list's filter
takes one address and compares exactly (docs.stripe.com/search; domain/stripe.md 1.2, 1.4). Search is up to a minute
behind, which does no harm here: younger customers come by lists and events. It does not exist for merchants in India.
"""

from __future__ import annotations

from collections.abc import Sequence

from ghl_triage.errors import NotFound, NotPermitted, RequestRefused
from ghl_triage.sources.stripe import Page
from ghl_triage.sync.addresses import askable
from ghl_triage.sync.context import SyncRun

PATH = "/v1/customers"
MOST_CLAUSES = 10
LONGEST_QUERY = 4_500
"""Characters; Stripe takes 5,000."""
EXPAND = ("data.invoice_settings.default_payment_method", "data.default_source", "data.subscriptions")
"""A namesake's default card may decide at once, and an old subscription of his may be the one that stays."""
REFUSED = "namesakes"
"""The cursor that stands while this account may not search."""
NO_SEARCH = (
    "Stripe's search is not open to this key: older customers whose e-mail address is written in another way "
    "(capitals) cannot be seen."
)
NO_CUSTOMERS = "older customers of the same e-mail address"


def search_query(emails: Sequence[str]) -> str:
    """The query for the customers of any of these addresses."""
    return " OR ".join(_clause(email) for email in emails)


def _clause(email: str) -> str:
    quoted = email.replace("\\", "\\\\").replace('"', '\\"')
    return f'email:"{quoted}"'


def in_batches(emails: Sequence[str]) -> list[list[int]]:
    """The places of the addresses that one query each can hold."""
    batches: list[list[int]] = []
    length = 0
    for place, email in enumerate(emails):
        more = len(_clause(email)) + 4
        if not batches or len(batches[-1]) == MOST_CLAUSES or length + more > LONGEST_QUERY:
            batches.append([])
            length = 0
        batches[-1].append(place)
        length += more
    return batches


class NamesakeSearch:
    """Looks addresses up by search, or one by one where search is refused; what is found is stored."""

    def __init__(self, run: SyncRun) -> None:
        self._run = run
        self._worked = False

    async def read(self, emails: Sequence[str]) -> int:
        """Find and store the customers of these addresses (folded); how many objects that made."""
        count, asked = 0, list(filter(askable, emails))
        if await self._run.store.cursor(REFUSED):
            count = await self._one_by_one(asked)
        elif asked:
            try:
                count = await self._search(asked)
                self._worked = True
            except (NotPermitted, NotFound, RequestRefused):
                # One odd address may be refused where others were answered.
                if not self._worked:
                    await self._run.store.save_cursor(REFUSED, "1")
                count = await self._one_by_one(asked)
        stamp = self._run.clock.stamp()
        await self._run.store.write(lambda writer: writer.mark_namesakes_read(emails, stamp))
        return count

    async def _search(self, emails: Sequence[str]) -> int:
        count = 0
        spellings = await self._spellings(emails)
        for batch in in_batches(spellings):
            asked = [spellings[place] for place in batch]
            page = await self._page(f"{PATH}/search", {"query": search_query(asked)})
            if page.has_more and len(emails) > 1:
                # A crowd behind one address must not hide the others.
                return sum([await self._search([email]) for email in emails])
            count += await self._keep(page)
        return count

    async def _spellings(self, emails: Sequence[str]) -> list[str]:
        """The addresses in small letters, and as the customers write them: should case count after all."""
        written = await self._run.store.read(lambda store: store.spellings(emails))
        return list(dict.fromkeys([*emails, *written]))

    async def _keep(self, page: Page) -> int:
        # What search returns may be a minute old: it never takes the place of what was read.
        return await self._run.store.put(page.data, page.fetched_at, authoritative=False)

    async def _one_by_one(self, emails: Sequence[str]) -> int:
        self._run.board.missing(NO_SEARCH)
        count = 0
        for email in await self._spellings(emails):
            try:
                page = await self._page(PATH, {"email": email})
            except RequestRefused:
                continue  # an address that Stripe does not take is nobody's
            except NotPermitted as error:
                self._run.board.missing(f"{NO_CUSTOMERS}: {error.message}")
                return count
            count += await self._run.store.put(page.data, page.fetched_at)
        return count

    async def _page(self, path: str, query: dict[str, str]) -> Page:
        async def request(expand: Sequence[str]) -> Page:
            return await self._run.stripe.list_page(path, {**query, "expand": list(expand)})

        return await self._run.expansions.ask(EXPAND, request)
