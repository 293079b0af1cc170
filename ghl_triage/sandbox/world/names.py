"""Given and family names in many scripts (names.json), and the hostile ones that every screen must survive.

A name is drawn by a number, so that a world is the same for the same seed on every machine.
"""

from __future__ import annotations

import json
from importlib.resources import files

_NAMES: dict[str, list[str]] = json.loads(files(__package__).joinpath("names.json").read_text("utf-8"))
LATIN_GIVEN = tuple(_NAMES["latin_given"])
LATIN_FAMILY = tuple(_NAMES["latin_family"])
OTHER_SCRIPTS = tuple(_NAMES["other_scripts"])
LONG = tuple(_NAMES["long"])
COMPANIES = tuple(_NAMES["companies"])
DOMAINS = ("test", "example")
"""Top-level domains that are reserved: no mail can ever reach anybody."""
HOSTILE = (
    "[/] [bold]x",
    "[/] [bold]x\x1b[31m red \x1b]0;owned\x07\x1b[2J",
    "[link=https://evil.example]click[/link] [red",
    "\u202eevil\u202c right-to-left \u2066over\u2069ride",
    '=HYPERLINK("https://evil.example","pay")',
    "+1+cmd|' /C calc'!A0",
    "-2+3 @SUM(1)",
    "Robert'); DROP TABLE cases;--",
    "<script>alert(1)</script>",
    "tab\there\nand a second line\rand a third",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "\u200b\u200d\ufeffzero\u200bwidth",
    "{name} %s ${HOME} {{7*7}}",
    "A" * 520,
    "長" * 510,
)
