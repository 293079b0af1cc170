"""The only place that makes display text: what comes from outside is made safe here, and fitted to cells."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from rich.cells import cell_len

from ghl_triage.currencies import exponent, to_major
from ghl_triage.model import CardView

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_LONGEST = 2_000
_SHORT = 200
_MARKS = 3
UNSEEN = (
    "\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What steers a terminal, turns the writing direction or cannot be seen, beyond ASCII's own controls, as ranges of a
regular expression (Unicode: general category Cc, Default_Ignorable_Code_Point)."""
_RESHAPES = re.compile(f"[{UNSEEN}\U0001f3fb-\U0001f3ff]")
"""With the colours of skin: like the selectors of variants they give the character before them another shape, and no
two terminals agree how wide that is."""
_FORMULA = re.compile(r"(?:^|;)[\s\"']*(?=[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b])")
"""The place before what a spreadsheet reads as a formula (OWASP, "CSV Injection"): at the beginning of a cell, which
where the comma is the decimal sign also begins after a semicolon; the full-width signs count as well."""
_UNPRINTABLE = re.compile(f"[\x00-\x1f\ud800-\udfff{UNSEEN}]")
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters that show nothing: a name of them alone would be an empty row."""
_US_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "INR": "₹"}
BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "Amex",
    "discover": "Discover",
    "diners": "Diners",
    "jcb": "JCB",
    "unionpay": "UnionPay",
}


def clean(text: str) -> str:
    """One line of harmless text.

    Control characters (escape sequences among them) and line breaks become a space; characters that turn the writing
    direction, are invisible, or are drawn in as many cells as each terminal likes are dropped; broken UTF-16 halves
    become the replacement character. Of the marks on one letter three stay, so that no name paints over its
    neighbours. What is longer than any name or message is cut off.
    """
    return _short(text) if len(text) <= _SHORT else _long(text[:_LONGEST])


def harmless(text: str) -> str:
    """One line of harmless text as `clean` makes it, of any length."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cc", "Zl", "Zp") or character in _BLANKS:
            kept.append(" ")
        elif category in ("Cf", "Co", "Cn") or _RESHAPES.match(character):
            continue
        elif category == "Cs":
            kept.append("\ufffd")
        elif not cell_len(character):
            # What takes no cell of its own stands on the letter before it: there must be one.
            marks += 1
            if marks > _MARKS or not kept or kept[-1].isspace():
                continue
            kept.append(character)
            continue
        else:
            kept.append(character)
        marks = 0
    return " ".join("".join(kept).split())


# Long texts are rare, and worth no memory.
_short = lru_cache(maxsize=16_384)(harmless)
_long = lru_cache(maxsize=256)(harmless)


def printable(line: str) -> str:
    """The line with a space for everything that acts on a terminal or cannot be seen: the last door before one.

    Unlike `clean` it leaves the layout as it is, so it is for lines that are put together, not for what stands in them.
    """
    return line if line.isascii() and line.isprintable() else _UNPRINTABLE.sub(" ", line)


def csv_cell(value: object) -> str:
    """A value as a cell of CSV that no spreadsheet takes for a formula; numbers stay numbers."""
    if value is None:
        return ""
    shown = harmless(str(value))
    # The apostrophe makes it text.
    return shown if isinstance(value, int | float) else _FORMULA.sub(r"\g<0>'", shown)


def code_lines(text: str) -> list[str]:
    """The lines of source code, harmless, with their indentation; empty ones at both ends are left out."""
    lines = [_code_line(row) for row in text.expandtabs(4).split("\n")]
    filled = [number for number, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else [""]


def _code_line(row: str) -> str:
    margin = len(row) - len(row.lstrip(" "))
    kept = (harmless(character) or " " * character.isspace() for character in row[margin:])
    return (" " * margin + "".join(kept)).rstrip()


def cells_of(text: str) -> int:
    """How many terminal cells the text takes at most.

    A vowel sign that stands beside its letter (Tamil, Hindi; general category Mc) has a cell of its own in most
    terminals and none in some: counted, it moves what follows by a cell there; not counted, it would push an amount off
    the line elsewhere.
    """
    return len(text) if text.isascii() else _cells_of(text)


@lru_cache(maxsize=4_096)
def _cells_of(text: str) -> int:
    beside = sum(unicodedata.category(character) == "Mc" and not cell_len(character) for character in text)
    return cell_len(text) + beside


def clip(text: str, cells: int) -> str:
    """The text in at most so many terminal cells; what does not fit ends in an ellipsis."""
    # In harmless text no more characters than these stand in so many cells: the rest is never measured.
    beginning = text[: (1 + _MARKS) * (cells + 1)]
    if len(beginning) == len(text) and cells_of(text) <= cells:
        return text
    if cells <= 1:
        return "…"[:cells]
    return head(beginning, cells - 1).rstrip() + "…"


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """The text in exactly so many terminal cells, clipped or padded."""
    clipped = clip(text, cells)
    padding = " " * (cells - cells_of(clipped))
    return padding + clipped if right else clipped + padding


def wrap(text: str, cells: int) -> list[str]:
    """The text in lines of at most so many cells, broken at spaces where there are any; a no-break space is none."""
    if text.isascii() or all(cells_of(character) == 1 for character in text):
        return textwrap.wrap(text, max(1, cells)) or [""]
    return _wrap_cells(text, max(2, cells))


def _wrap_cells(text: str, cells: int) -> list[str]:
    lines, current = [], ""
    for word in filter(None, text.split(" ")):
        joined = f"{current} {word}" if current else word
        if cells_of(joined) <= cells:
            current = joined
            continue
        if current:
            lines.append(current)
        current = word
        while (part := head(current, cells)) != current:
            lines.append(part)
            current = current[len(part) :]
    return [*lines, current] if current or not lines else lines


def head(text: str, cells: int) -> str:
    """As much of the beginning as stands in so many cells."""
    taken = 0
    for index, character in enumerate(text):
        taken += cells_of(character)
        if taken > cells:
            return text[:index]
    return text


@lru_cache(maxsize=8_192)
def money(amount: int, currency: str, locale: str = "en_US") -> str:
    """An amount of minor units as people write it: `$97.00`, `¥4,000`; an unknown currency keeps its code."""
    code = currency.upper()
    if locale == "en_US" and code in _US_SIGNS:
        # What babel would say, without its 20 ms of import before the first row can be painted; a test compares.
        sign = "-" if amount < 0 else ""
        return f"{sign}{_US_SIGNS[code]}{abs(to_major(amount, currency)):,.{exponent(currency)}f}"
    from babel.numbers import format_currency

    if len(code) != 3 or not code.isalpha() or not code.isascii():
        return f"{to_major(amount, currency):,} {clean(currency)}".strip()
    digits = exponent(currency)
    pattern = "¤#,##0" + ("." + "0" * digits if digits else "")
    return format_currency(to_major(amount, currency), code, format=pattern, locale=locale, currency_digits=False)


def amounts(by_currency: Mapping[str, int], money_of: Callable[[int, str], str] = money, *, between: str = " ") -> str:
    """Sums by currency side by side, the largest number first; two currencies are never added up."""
    ordered = sorted(by_currency.items(), key=lambda item: (-to_major(item[1], item[0]), item[0]))
    return between.join(money_of(amount, currency) for currency, amount in ordered if amount)


def ago(seconds: int) -> str:
    """A length of time in its largest whole unit: `now`, `12m`, `3h`, `6d`, `14w`."""
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE}m"
    if seconds < _DAY:
        return f"{seconds // _HOUR}h"
    if seconds < 100 * _DAY:
        return f"{seconds // _DAY}d"
    return f"{seconds // (7 * _DAY)}w"


def until(at: int | None, now: int) -> str:
    """How long until a time to come; an en dash where there is none or where it is over."""
    return "–" if at is None or at <= now else ago(at - now)


def when(at: int, zone: tzinfo = UTC, *, year: bool = False) -> str:
    """A time as the timeline shows it: `Oct 21 09:14`."""
    try:
        moment = datetime.fromtimestamp(at, zone)
    except (OverflowError, OSError, ValueError):
        return str(at)
    return f"{moment:%b %d %Y %H:%M}" if year else f"{moment:%b %d %H:%M}"


def card_label(card: CardView) -> str:
    """A payment method in a few words: `Visa 4242 (exp 08/28)`, `SEPA debit 3000`, `Link`."""
    brand = BRANDS.get(card.brand or "", clean(card.brand or card.type).replace("_", " "))
    name = f"{brand} {clean(card.last4)}" if card.last4 else brand
    if card.exp_month and card.exp_year:
        return f"{name} (exp {card.exp_month:02}/{card.exp_year % 100:02})"
    return name


def words(slug: str) -> str:
    """A slug as it reads on the screen: `card_not_default` is "card not default"."""
    return clean(slug).replace("_", " ")


def plural(count: int, one: str, many: str = "") -> str:
    """A count with its noun: `1 case`, `12 cases`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
