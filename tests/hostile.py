"""Text that does harm where it is taken for anything but text, and a sandbox whose every answer is full of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from zlib import crc32

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.rewriting import answer, heard, is_for_an_api

LONG = "Längst " * 1_500
CORPUS = (
    "[/] [bold]x[/bold] [red]y[/foo] [@click=app.quit]z[/]",
    "$warning [b]{0} {name} %s %(x)s",
    "red\x1b[31m \x1b]0;owned\x07 \x1b[2J\x1b[1;1H\x1bc clear",
    "c1\x9b31m \x9d0;owned\x9c \x90q\x85 next",
    "link\x1b]8;;https://evil.test/\x1b\\here\x1b]8;;\x1b\\",
    "lines\r\noverwritten\rfaked\tcell\vtab\fpage\x1c\x1d\x1e\x85\u2028\u2029end",
    "null\x00byte\x08\x08\x08back\x7fdel",
    "turned\u202egnp.exe\u202c \u2066isolate\u2069 \u200f\u200e\u061cmarks",
    "zero\u200bwidth\u200c\u200d\ufeff\u2060\u00ad\u180e\U000e0041\U000e0001tags",
    "z" + "\u0301\u0489\u20dd" * 300 + "algo",
    "\u0301\u0301leading marks",
    "\u3164\u115f\u1160\uffa0\u2800",
    "👨\u200d👩\u200d👧 ❤️ 👍🏽 🇩🇪 1️⃣ ﷽ 漢字 ก็็็็็",
    "शि" * 40 + "\u093e" * 500,
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><svg/onload=alert(1)>' autofocus onfocus='x",
    "</title></style></textarea></pre></td></table><!-- <![CDATA[ ]]>",
    "&lt;b&gt; &amp;&#x3c;script&#62; {{ 7*7 }} {% raw %}",
    "javascript:alert(1) data:text/html,x https://evil.test/?a=b file:///etc/passwd",
    "| a | b |\\| `code` **bold** _it_ ~~s~~ # head\n---\n- item\n1. one",
    "[text](javascript:alert(1)) ![i](https://evil.test/x.png) <https://evil.test>",
    "```\nfence\n``` ~~~ $x$ \\\\ \\|",
    "=HYPERLINK(\"https://evil.test\",\"x\")",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "＝1+1",
    "x;=1+1;\"=2\"",
    "half \ud83d of an emoji \udc00",
    "'; DROP TABLE cases; -- \" ' ` \\",
    "../../../etc/passwd\\..\\x",
    "cus_1/../../v1/x?y=z#w%2e%2e%2f",
    "null None undefined NaN true 0 -1 1e999",
    " \u00a0\u3000 spaces   within  ",
    LONG,
    "漢" * 10_000,
    "e\u0301" * 10_000,
    "",
)  # fmt: skip
"""Each of them is one name, message or note."""

BAD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""What must reach neither a terminal nor the log; a line feed ends a line."""
_TEXTS = frozenset(
    {
        "address", "comment", "contactName", "companyName", "country", "decline_code", "description", "display_name",
        "email", "entitySourceName", "error_description", "failure_message", "firstName", "firstNameLowerCase",
        "funding", "last4", "lastName", "message", "name", "network_decline_code", "nickname", "note", "phone",
        "reason", "seller_message", "statement_descriptor", "title",
    }
)  # fmt: skip
_SPARED = 3
"""One text in so many stays as it is, so that addresses still lead from one object to another."""


def pick(*place: str) -> str:
    """An item of the corpus, the same for the same place."""
    return CORPUS[crc32("\n".join(place).encode(errors="replace")) % len(CORPUS)]


def unsafe(text: str) -> list[str]:
    """What of the text a terminal or a log must not get, each with what stands around it."""
    return [ascii(text[max(0, found.start() - 30) : found.end() + 10]) for found in BAD.finditer(text)][:5]


def sow(value: Any, place: str = "") -> Any:
    """A copy of an answer with an item of the corpus wherever text of somebody else could stand."""
    if isinstance(value, list):
        return [sow(each, place) for each in value]
    if not isinstance(value, dict):
        return value
    place = str(value.get("id") or value.get("_id") or place)
    grown = {key: _text(place, key, each) for key, each in value.items()}
    if isinstance(value.get("metadata"), dict) and value.get("object") != "checkout.session":
        grown["metadata"] = {**value["metadata"], "note": pick(place, "note"), pick(value.get("object", ""))[:40]: "x"}
    return grown


def _text(place: str, key: str, value: Any) -> Any:
    if key in _TEXTS and isinstance(value, str) and crc32(f"{place} {key}".encode()) % _SPARED:
        return pick(place, key)
    return sow(value, place)


@dataclass(frozen=True, slots=True)
class Sown:
    """Stands before a sandbox and sows its answers. `refused` are beginnings of paths that answer an error."""

    app: ASGIApp
    refused: tuple[str, ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_for_an_api(scope):
            await self.app(scope, receive, send)
            return
        start, body = await heard(self.app, scope, receive)
        status, told = start["status"], sow(orjson.loads(body))
        if self.refused and scope["path"].startswith(self.refused):
            status, said = 400, " ".join(CORPUS[:30])
            told = {"statusCode": 400, "message": said, "error": {"message": said, "code": CORPUS[2]}}
        await answer(send, start, status, written(told), (b"request-id", "req_\x9b31m=1+1<b>".encode("latin-1")))


def written(told: Any) -> bytes:
    """An answer as JSON with what no library would write: halves of UTF-16 pairs as escapes, and a byte that is no
    UTF-8."""
    import json

    return json.dumps(told).encode().replace(b"zero\\u200b", b"zero\xff\\u200b")


def cells_of(text: str) -> list[list[str]]:
    """CSV as a spreadsheet splits it where the comma separates."""
    return list(csv.reader(io.StringIO(text)))


_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")


def formulas(text: str) -> Iterator[str]:
    """The cells that a spreadsheet would reckon, wherever a semicolon separates cells too; numbers are none."""
    for row in cells_of(text):
        for part in (piece for cell in row for piece in cell.split(";")):
            cell = part.strip().lstrip('" ')
            if cell.startswith(_STARTS_FORMULA) and not _is_number(cell):
                yield cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class Tags(HTMLParser):
    """What a browser would make of a page: its elements and their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.others: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.others.append(data)

    def handle_pi(self, data: str) -> None:
        self.others.append(data)

    def unknown_decl(self, data: str) -> None:
        self.others.append(data)


_TAGS = """html head meta title style body main h1 h2 h3 p ul ol li div table caption thead tbody tr th td pre code
figure
figcaption svg desc text tspan rect path polyline g circle"""
_ATTRIBUTES = """lang charset http-equiv content name class scope viewbox font-size fill role aria-labelledby id x y dy
text-anchor width height fill-opacity d stroke stroke-opacity stroke-dasharray points cx cy r"""


def strange_html(page: str) -> set[str]:
    """Elements, attributes and comments of a page that no report of ours has."""
    found = Tags(page)
    return found.tags.difference(_TAGS.split()) | found.attributes.difference(_ATTRIBUTES.split()) | set(found.others)


def broken_tables(markdown: str) -> list[str]:
    """Rows of Markdown tables that have more or fewer cells than their heading, as GitHub counts them."""
    broken: list[str] = []
    columns = 0
    for line in markdown.split("\n"):
        if not line.startswith("|"):
            columns = 0
            continue
        count = len(re.findall(r"(?<!\\)(?:\\\\)*\|", line))
        columns = columns or count
        if count != columns:
            broken.append(line[:200])
    return broken
