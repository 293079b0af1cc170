"""Refused payments counted by code, advice, card and path, with the rule for trying again (domain/stripe.md 3.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ghl_triage.diagnosis import declines as codes
from ghl_triage.diagnosis.declines import Category
from ghl_triage.model import Cause
from ghl_triage.store.filters import CompiledFilter
from ghl_triage.store.groups import Group
from ghl_triage.store.network_codes import NetworkCode

if TYPE_CHECKING:
    from ghl_triage.store.reader import Reader

COLUMNS = ("code", "advice", "brand", "funding", "country", "path")
"""What refusals are counted by."""
OF_THE_CARD = ("brand", "funding", "country", "path")
"""Those of them that subscriptions have which were never refused."""
EVERYTHING = CompiledFilter("1")
NEEDED = (*COLUMNS, "cause")
"""The columns by which the groups that `declines` takes must be, at least."""

LATER = "try_again_later"
_BY_ADVICE = {
    "do_not_try_again": "Never again with this card.",
    "confirm_card_data": "Only after the customer has checked the card's data.",
    LATER: "Later, some days apart.",
}
_BY_CATEGORY = {
    Category.CUSTOMER_AUTH: "Not while the customer is away: the invoice's page lets him authenticate.",
    Category.CUSTOMER_DATA: "Only after the customer has typed the card in again.",
    Category.CUSTOMER_NEW_METHOD: "Only with another card.",
    Category.CARD_PRESENT: "Only with another card.",
    Category.HARD: "Never with this card.",
    Category.HARD_HIDDEN: "Never with this card, and the customer must not read the code.",
    Category.CUSTOMER_ISSUER: "Not before the customer has asked his bank.",
    Category.CHECK_FIRST: "Not before the payment that was made first is found.",
    Category.RADAR: "Not before it was looked at in Radar: the bank was never asked.",
    Category.CONFIG: "Not before the account's settings are put right.",
}
_BY_RETRY = {"yes": "Yes, after some hours.", "later": "Later: at most a few times, two or three days apart."}


@dataclass(frozen=True, slots=True)
class Share:
    """The refused cases that share `values`. `amounts` is what is at risk in them, minor units by currency; `of_all` is
    how many of the subscriptions that they are held against have these values (None: not counted)."""

    values: tuple[str, ...]
    cases: int
    amounts: Mapping[str, int]
    of_all: int | None = None


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code. `retry` is the rule for the same card; Stripe's advice with a charge may forbid more.

    `hidden`: a customer must never read this code. `network` counts the cases by the issuer's own code.
    """

    code: str
    category: str
    meaning: str
    retry: str
    hidden: bool
    generic: bool
    cases: int
    amounts: Mapping[str, int]
    network: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Declines:
    """The decline view. `cases` matched the filter, `refused` of them have a code; the rest is about those alone.

    `bare` were refused without any code. `by` has the shares of each column of `COLUMNS` but the code, `together`
    those of the columns asked for.
    `network_read` is how many refused cases have their failed charge in the store, `network_named` in how many of
    these the issuer's own code stands.
    """

    cases: int
    refused: int
    bare: int
    amounts: Mapping[str, int]
    codes: tuple[CodeRow, ...]
    by: Mapping[str, tuple[Share, ...]]
    columns: tuple[str, ...]
    together: tuple[Share, ...]
    network_read: int
    network_named: int
    network_advice: Mapping[str, int]


def is_generic(code: str) -> bool:
    """Whether a code names no reason: generic_decline, do_not_honor, call_issuer and the like."""
    row = codes.listed(code)
    return row is not None and row.category == Category.CUSTOMER_ISSUER and row.retry == "later"


def retry_rule(code: str, advice: str = "") -> str:
    """Whether the same card may be tried again.

    Stripe's advice goes before the code's own rule, but "try again later" lifts no prohibition (design.md section 5,
    rows 25 to 28).
    """
    row = codes.listed(code)
    if advice in _BY_ADVICE and (advice != LATER or row is None or row.retry != "no"):
        return _BY_ADVICE[advice]
    if row is None:
        return "Unknown code: read it in Stripe's Dashboard first."
    return _BY_RETRY.get(row.retry) or _BY_CATEGORY.get(Category(row.category), "No.")


def read(
    reader: Reader, where: CompiledFilter, columns: Sequence[str] = (), *, beside: CompiledFilter = EVERYTHING
) -> Declines:
    """The view of the cases that match; `columns` of `store.groups.GROUPINGS` are asked for together.

    `beside` finds the subscriptions that the refused ones are held against: those of the same filter, paid ones too.
    """
    names = tuple(dict.fromkeys((*NEEDED, *columns)))
    everything = reader.groups(beside, OF_THE_CARD)
    return declines(reader.groups(where, names), names, reader.network_codes(where), columns, everything)


def declines(
    groups: Sequence[Group],
    names: Sequence[str],
    network: Sequence[NetworkCode],
    columns: Sequence[str] = (),
    everything: Sequence[Group] = (),
) -> Declines:
    """The view of groups by the columns `names`; `columns` are asked for together. The most frequent comes first.

    `everything` has the subscriptions that they are held against, by `OF_THE_CARD`: a share of the refused says little
    beside the share of all.
    """
    code, cause = names.index("code"), names.index("cause")
    refused = [group for group in groups if group.values[code]]
    singles = {column: _shares(refused, (column,), names) for column in COLUMNS}
    bare = (group for group in groups if not group.values[code] and group.values[cause] == Cause.GENERIC_DECLINE)
    named = Counter[str]()
    advice = Counter[str]()
    for each in network:
        if each.decline:
            named[each.decline] += each.cases
        if each.advice:
            advice[each.advice] += each.cases
    return Declines(
        cases=sum(group.count for group in groups),
        refused=sum(group.count for group in refused),
        bare=sum(group.count for group in bare),
        amounts=_money(refused),
        codes=tuple(_code_row(share, network) for share in singles["code"]),
        by={column: _beside(column, singles[column], everything) for column in COLUMNS if column != "code"},
        columns=tuple(columns),
        together=_shares(refused, columns, names) if columns else (),
        network_read=sum(each.cases for each in network),
        network_named=named.total(),
        network_advice=dict(advice.most_common()),
    )


def _code_row(share: Share, network: Iterable[NetworkCode]) -> CodeRow:
    (code,) = share.values
    row = codes.listed(code)
    answers = Counter[str]()
    for each in network:
        if each.code == code and each.decline:
            answers[each.decline] += each.cases
    return CodeRow(
        code=code,
        category=row.category if row else Category.UNKNOWN,
        meaning=codes.meaning(code),
        retry=retry_rule(code),
        hidden=row is not None and row.hidden,
        generic=is_generic(code),
        cases=share.cases,
        amounts=share.amounts,
        network=dict(answers.most_common()),
    )


def _shares(groups: Iterable[Group], columns: Sequence[str], names: Sequence[str]) -> tuple[Share, ...]:
    places = [names.index(column) for column in columns]
    counts: Counter[tuple[str, ...]] = Counter()
    amounts: dict[tuple[str, ...], Counter[str]] = {}
    for group in groups:
        key = tuple(group.values[place] for place in places)
        counts[key] += group.count
        amounts.setdefault(key, Counter()).update(group.amounts)
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    return tuple(Share(key, counts[key], dict(sorted(amounts[key].items()))) for key in ordered)


def _beside(column: str, shares: tuple[Share, ...], everything: Sequence[Group]) -> tuple[Share, ...]:
    if not everything or column not in OF_THE_CARD:
        return shares
    totals: Counter[str] = Counter()
    for group in everything:
        totals[group.values[OF_THE_CARD.index(column)]] += group.count
    return tuple(replace(share, of_all=totals[share.values[0]]) for share in shares)


def _money(groups: Iterable[Group]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for group in groups:
        total.update(group.amounts)
    return dict(sorted(total.items()))
