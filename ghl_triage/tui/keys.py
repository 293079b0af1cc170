"""The one table of keys: the bindings, the key bar, the help and the keymap of the settings all come from it.

Capitals act outside, lower case never does. An id is what the settings' `[keys]` re-binds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from ghl_triage.model import ActionKind


@dataclass(frozen=True, slots=True)
class Key:
    """A binding. `keys` are Textual's names, several split by commas; `label` is short, `hint` what the help says.

    `at_once`: it acts before the next key is looked at, however fast that comes.
    """

    id: str
    keys: str
    action: str
    label: str
    hint: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Keys that belong together, under the title that the help gives them."""

    title: str
    keys: tuple[Key, ...]


def _back(area: str, hint: str, keys: str = "escape") -> Key:
    return Key(f"{area}.back", keys, "back", "back", hint)


ACT_KEYS = {
    ActionKind.RETRY: "R",
    ActionKind.RESEND_LINK: "L",
    ActionKind.FIX_DEFAULT: "D",
    ActionKind.RESUME_SUBSCRIPTION: "P",
    ActionKind.CANCEL_DUPLICATE: "X",
    ActionKind.UNDO: "U",
}
"""The capitals that act; a test holds them equal to the catalogue of actions."""

ACT = Group(
    "Act (always a plan first, which asks)",
    (
        Key("act.retry", "R", "act('retry')", "retry", "retry the payment of the open invoice"),
        Key(
            "act.resend_link", "L", "act('resend_link')", "link", "get the page where the customer pays or adds a card"
        ),
        Key("act.fix_default", "D", "act('fix_default')", "default card", "make the card on file the default"),
        Key(
            "act.resume_subscription",
            "P",
            "act('resume_subscription')",
            "resume",
            "resume a paused subscription that has a usable card",
        ),
        Key(
            "act.cancel_duplicate",
            "X",
            "act('cancel_duplicate')",
            "cancel duplicate",
            "cancel the superfluous one of two subscriptions of a price; each asks for a typed yes",
        ),
        Key("act.undo", "U", "act('undo')", "undo", "put back the default card that stood there before ours"),
    ),
)
TABLE = Group(
    "Table",
    (
        Key("table.down", "down,j", "move(1)", "down", "next row"),
        Key("table.up", "up,k", "move(-1)", "up", "row before"),
        Key("table.half_down", "ctrl+d", "page(0.5)", "half page down", "half a page down"),
        Key("table.half_up", "ctrl+u", "page(-0.5)", "half page up", "half a page up"),
        Key("table.page_down", "pagedown", "page(1)", "page down", "a page down"),
        Key("table.page_up", "pageup", "page(-1)", "page up", "a page up"),
        Key("table.first", "g,home", "first", "top", "first row"),
        Key("table.last", "G,end", "last", "bottom", "last row"),
        Key("table.open", "enter", "open", "open", "open the case: whole history, cards, raw objects, notes"),
        Key("table.select", "space", "mark", "select", "mark the row and move down"),
        Key("table.all", "a", "all", "all shown", "mark all rows shown; again: none of them"),
        Key("table.range", "V", "range", "range", "mark from here: move, then V again"),
    ),
)
TRIAGE = Group(
    "Triage",
    (
        Key("triage.filter", "slash", "filter", "filter", "filter as you type; up and down: earlier filters", True),
        Key("triage.views", "v", "views", "views", "go to the views and facets"),
        Key("triage.sort", "s", "sort", "sort", "choose the order; the same again turns it round"),
        Key("triage.sync", "r", "sync", "sync now", "ask Stripe and HighLevel for news now"),
        Key("triage.journal", "l", "journal", "journal", "what was done, request by request"),
        Key("triage.settle", "S", "settle", "settle", "what a crash cut off: read what became of it, then go on"),
        Key("triage.learn", "t", "learn", "learn", "name the kinds of subscriptions, so that each has its path"),
        _back("triage", "step by step: the filter, the marks"),
    ),
)
CASE = Group(
    "Case",
    (
        Key("case.next", "n", "step(1)", "next", "next case of the table"),
        Key("case.previous", "p", "step(-1)", "previous", "case before"),
        Key("case.raw", "x", "raw", "raw objects", "Stripe's and HighLevel's objects as they came, without secrets"),
        Key("case.note", "w", "note", "write a note", "write a note to this case"),
        Key("case.path", "t", "path", "set the path", "say by hand how it was sold; who says so now"),
        _back("case", "back to the table"),
    ),
)
SHARED = Group(
    "Anywhere on a case",
    (
        Key("case.copy", "y", "copy", "copy", "copy the id, the e-mail or the Dashboard's link"),
        Key("case.dashboard", "o", "dashboard", "Dashboard", "open the subscription in Stripe's Dashboard"),
    ),
)
PLAN = Group(
    "Plan",
    (
        Key("plan.yes", "y", "yes", "yes", "carry the plan out, when all is checked; Enter never means yes"),
        Key("plan.pause", "space", "pause", "pause", "while it runs: stop after the cases in hand; again: go on"),
        Key(
            "plan.card",
            "m",
            "card",
            "choose the card",
            "one case: choose the card that is charged, or made the default",
        ),
        Key(
            "plan.reviving",
            "v",
            "reviving",
            "also the newest invoice",
            "one case: also pay the invoice that gives access",
        ),
        Key("plan.elsewhere", "e", "elsewhere", "paid elsewhere was looked at", "one case: charge it all the same"),
        Key("plan.hidden", "h", "hidden", "hidden too", "take in the marked cases that the filter hides"),
        Key("plan.copy", "c", "copy_links", "copy links", "after it: copy the links"),
        Key("plan.file", "f", "write_links", "links to a file", "after it: write the links to a file"),
        _back("plan", "cancel; while it runs: stop, what was sent is finished"),
    ),
)
SETTLING = Group(
    "What was cut off",
    (
        Key("settling.yes", "y", "yes", "settle", "read each at Stripe; what left no trace is sent with its own key"),
        Key("settling.rest", "c", "rest", "carry on", "plan anew what was never sent; the plan asks"),
        Key("settling.discard", "x", "discard", "give up", "never send what was not sent"),
        _back("settling", "back; what is being settled is settled"),
    ),
)
JOURNAL = Group("Journal", (_back("journal", "back to the table", "escape,l"),))
LEARN = Group("Learn", (_back("learn", "back; new verdicts that are under way go on", "escape,t"),))
REPORTS = Group(
    "Reports",
    (
        Key("reports.audit", "u", "app.report('audit')", "audit", "why trials fail on each path, and what to change"),
        Key("reports.conversion", "c", "app.report('conversion')", "conversion", "how many trials are paid, by path"),
        Key("reports.declines", "e", "app.report('declines')", "declines", "what banks answered, and what it means"),
    ),
)
REPORT = Group(
    "Report",
    (
        Key("report.next", "n", "section(1)", "section", "next section"),
        Key("report.previous", "p", "section(-1)", "section before", "the section before"),
        Key("report.again", "r", "again", "again", "reckon the report again from what was synced since"),
        Key("report.write", "w", "write", "write", "write the report to a file, HTML or Markdown"),
        _back("report", "back; a report that is being reckoned is dropped"),
    ),
)
APP = Group(
    "Everywhere",
    (
        Key("app.help", "question_mark", "help", "help", "this page; type to search it"),
        Key("app.palette", "ctrl+p", "command_palette", "palette", "every command by name; themes too"),
        Key("app.quit", "q", "leave", "quit", "quit; asks while a plan runs"),
    ),
)
GROUPS = (ACT, TABLE, TRIAGE, REPORTS, CASE, SHARED, PLAN, SETTLING, JOURNAL, LEARN, REPORT, APP)


def bindings(*groups: Group) -> list[BindingType]:
    """The groups as Textual's bindings, each with the id that a keymap may name."""
    return [
        Binding(key.keys, key.action, key.label, show=False, priority=key.at_once, tooltip=key.hint, id=key.id)
        for group in groups
        for key in group.keys
    ]


def letter(name: str, keymap: Mapping[str, str]) -> str:
    """The key of this id as the keymap has it, the first where there are several, as it is printed on a keyboard."""
    keys = keymap.get(name) or next(key.keys for key in all_keys() if key.id == name)
    return display(keys).split()[0]


def all_keys() -> Iterable[Key]:
    """Every key of the table."""
    return (key for group in GROUPS for key in group.keys)


def row_letters(keymap: Mapping[str, str]) -> dict[ActionKind, str]:
    """The key of each action in one cell: as the keymap has it, or as it was where that is a longer name."""
    return {kind: key if len(key) == 1 else ACT_KEYS[kind] for kind, key in act_keys(keymap).items()}


def act_keys(keymap: Mapping[str, str]) -> dict[ActionKind, str]:
    """The key of each action as the keymap has it."""
    return {kind: letter(f"act.{kind}", keymap) for kind in ACT_KEYS}


_DISPLAY = {
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "down": "↓",
    "up": "↑",
}


def display(keys: str) -> str:
    """Keys as they are printed on a keyboard: `down,j` is "↓ j"."""
    return " ".join(_DISPLAY.get(key, key) for key in keys.split(","))
