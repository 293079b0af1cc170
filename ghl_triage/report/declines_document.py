"""The decline view as a document: what was refused, what that means, and when the same card may be tried again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ghl_triage.model import Path
from ghl_triage.report.declines import CodeRow, Declines, Share, retry_rule
from ghl_triage.report.display import NONE, Display, path_name, percent
from ghl_triage.report.document import Block, Bullets, Column, Document, Heading, Paragraph, Table
from ghl_triage.text import BRANDS, plural, words

TITLES = {
    "code": "Decline code",
    "advice": "Stripe's advice",
    "brand": "Brand",
    "funding": "Funding",
    "country": "Country of the card",
    "path": "Path",
    "cause": "Cause",
}
NETWORK = {
    "04": "pick up card", "05": "do not honor", "12": "invalid transaction", "14": "no such card number",
    "21": "no action taken", "41": "lost", "43": "stolen", "46": "closed account", "51": "not enough funds",
    "54": "expired", "57": "not permitted to this cardholder", "59": "suspected fraud", "61": "over the amount limit",
    "62": "restricted card", "65": "over the frequency limit, or authentication wanted", "78": "no such account",
    "82": "wrong security code", "91": "issuer not available", "94": "sent twice", "96": "fault of a system",
    "1A": "authentication wanted", "N7": "wrong security code", "R0": "cardholder stopped this payment",
    "R1": "cardholder stopped all payments",
}  # fmt: skip
"""The card networks' response codes (ISO 8583 field 39, with Visa's own) in a few words."""
_MOST_NETWORK_CODES = 4
_GENERIC = (
    "The bank that issued the card answers each charge with a code of the card network. Stripe passes on what it is "
    "told: where the bank says no more than “do not honor”, Stripe shows generic_decline or do_not_honor, and neither "
    "Stripe nor you can ask why. Banks keep the reason back on purpose, above all where they suspect fraud.",
    "Three things can stand behind it. The outcome's type says blocked: then it was Stripe itself (Radar, or a card "
    "that was refused too often), the bank was never asked, and this program names the case “Blocked by Stripe”. The "
    "issuer's own code (network_decline_code) is more telling than Stripe's: it is shown above where Stripe filled it. "
    "Else only the customer can learn more, by asking his bank.",
)
_GENERIC_STEPS = (
    "Look at the issuer's code and at Stripe's advice first: advice goes before the code.",
    "Try again at most a few times, two or three days apart; every refusal more makes the next one likelier.",
    "Ask for another card at the same time: that helps more often than waiting.",
    "Compare paths and kinds of cards below: a share of generic declines that is high on one path alone points at how "
    "its cards were saved, not at the customers' banks.",
)
_RULES = (
    "Stripe advises at most eight tries for one charge; card networks fine or block more (Visa: 15 in 30 days for a "
    "card and an amount, by Stripe's own page).",
    "Lost, stolen, closed, revoked: never again with that card, whatever the amount.",
    "Customers never read fraudulent, lost_card, stolen_card or merchant_blacklist: say “declined”.",
)


def document(view: Declines, *, subtitle: str, display: Display) -> Document:
    """The whole report."""
    return Document("Refused payments", subtitle, blocks(view, display))


def blocks(view: Declines, display: Display) -> tuple[Block, ...]:
    """The view as a part of a report; one sentence where nothing was refused."""
    return tuple(_blocks(view, display))


def _blocks(view: Declines, display: Display) -> Iterable[Block]:
    if not view.refused:
        none = "Among them no payment was refused with a code."
        yield Paragraph(f"{plural(view.cases, 'case')}. {none}" if view.cases else "No case matches.")
        return
    at_risk = f"; at risk in them: {display.money(view.amounts)}" if any(view.amounts.values()) else ""
    bare = f" {plural(view.bare, 'more was', 'more were')} refused without any code." if view.bare else ""
    yield Paragraph(
        f"In {view.refused:,} of {plural(view.cases, 'case')} the last try to charge was refused with a code"
        f"{at_risk}.{bare}",
        "strong",
    )
    yield _codes(view, display)
    yield _meanings(view)
    if view.together:
        yield _together(view, display)
    if any(row.generic for row in view.codes) or view.bare:
        yield from _generic(view)
    yield Heading("Who is refused")
    for column, shares in view.by.items():
        yield _by(column, shares, view.refused, display)
    yield Heading("Rules for trying again")
    yield Bullets(_RULES)


def _codes(view: Declines, display: Display) -> Table:
    columns = (
        Column("Code"), Column("Cases", "right"), Column("Share", "right"), Column("At risk", "right"),
        Column("Issuer's own codes"),
    )  # fmt: skip
    rows = tuple(
        (
            row.code,
            f"{row.cases:,}",
            percent(row.cases / view.refused),
            display.money(row.amounts),
            _network(row),
        )
        for row in view.codes
    )
    note = (
        f"The issuer's own code stands in {view.network_named:,} of {plural(view.network_read, 'refused charge')} that "
        "could be read."
    )
    return Table("By code", columns, rows, note)


def _meanings(view: Declines) -> Table:
    return Table(
        "What the codes mean",
        (Column("Code"), Column("Meaning"), Column("Same card again?")),
        tuple((row.code, row.meaning, row.retry) for row in view.codes),
        "Stripe's advice on a single charge may forbid what its code would allow, never the other way round.",
    )


def _network(row: CodeRow) -> str:
    shown = list(row.network.items())[:_MOST_NETWORK_CODES]
    told = [f"{code} {NETWORK[code]}: {count:,}" if code in NETWORK else f"{code}: {count:,}" for code, count in shown]
    more = len(row.network) - len(shown)
    return "; ".join([*told, *([f"{more} more"] if more else [])]) or NONE


def _generic(view: Declines) -> Iterable[Block]:
    generic = sum(row.cases for row in view.codes if row.generic) + view.bare
    yield Heading("What “generic decline” means")
    yield Paragraph(
        f"{plural(generic, 'case')} here, {percent(generic / (view.refused + view.bare))} of the refused ones."
    )
    yield from (Paragraph(text) for text in _GENERIC)
    yield Bullets(_GENERIC_STEPS)


def _together(view: Declines, display: Display) -> Table:
    """The columns that were asked for, each combination with its rule where code or advice is among them."""
    ruled = bool({"code", "advice"} & set(view.columns))
    columns = (
        *(Column(title_of(column)) for column in view.columns),
        Column("Cases", "right"),
        Column("Share", "right"),
        Column("At risk", "right"),
        *((Column("Same card again?"),) if ruled else ()),
    )
    rows = []
    for share in view.together:
        named = dict(zip(view.columns, share.values, strict=True))
        rule = retry_rule(named.get("code", ""), named.get("advice", "")) if ruled else ""
        figures = _figures(share, view.refused, display)
        rows.append(
            (*(_value(column, value) for column, value in named.items()), *figures, *((rule,) if ruled else ()))
        )
    title = " and ".join(_inside(column) for column in view.columns)
    return Table(f"By {title}", columns, tuple(rows))


def _by(column: str, shares: Sequence[Share], refused: int, display: Display) -> Table:
    rule = (Column("Same card again?"),) if column == "advice" else ()
    beside = (Column("Of all such", "right"),) if any(share.of_all is not None for share in shares) else ()
    figures = (Column("Cases", "right"), Column("Share", "right"), Column("At risk", "right"))
    rows = tuple(
        (
            _value(column, share.values[0]),
            *_figures(share, refused, display),
            *((_of_all(share),) if beside else ()),
            *((retry_rule("", share.values[0]) if share.values[0] else "As the code says.",) if rule else ()),
        )
        for share in shares
    )
    note = "Of all such: of all subscriptions with this value, those that were never refused too." if beside else ""
    return Table(f"By {_inside(column)}", (Column(title_of(column)), *figures, *beside, *rule), rows, note)


def _of_all(share: Share) -> str:
    return f"{percent(share.cases / share.of_all)} of {share.of_all:,}" if share.of_all else NONE


def title_of(column: str) -> str:
    """A column as a heading."""
    return TITLES.get(column, column.capitalize())


def _inside(column: str) -> str:
    """The same inside a sentence: a name keeps its capital."""
    title = title_of(column)
    return title if title.startswith("Stripe") else title[0].lower() + title[1:]


def _figures(share: Share, refused: int, display: Display) -> tuple[str, str, str]:
    return f"{share.cases:,}", percent(share.cases / refused), display.money(share.amounts)


def _value(column: str, value: str) -> str:
    if not value:
        return "none given" if column in ("code", "advice") else "not known"
    if column == "path":
        return path_name(Path(value))
    if column == "brand":
        return BRANDS.get(value, words(value))
    return value if column in ("code", "price", "country") else words(value)
