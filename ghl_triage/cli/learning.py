"""`ghl-triage learn` and `set-path`: the consultant's word on kinds of subscriptions, and on single ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli.context import open_path, open_reader, say, settings_of, store_now, tell
from ghl_triage.errors import UsageError

if TYPE_CHECKING:
    from ghl_triage.config import Settings
    from ghl_triage.kind import Kind
    from ghl_triage.learning import Lessons, OnProgress
    from ghl_triage.model import LearnedName, Path

_PATHS = ["api", "checkout", "highlevel", "unknown"]
_BY_SIGNS = "auto"


@click.command()
@click.argument("kind", metavar="[NUMBER|ID]", required=False)
@click.option("--path", type=click.Choice(_PATHS), help="How subscriptions of this kind were sold.")
@click.option("--name", help="What you call this kind, for example 'custom checkout v2'.")
@click.option("--note", default="", help="A note beside the name, for yourself.")
@click.option("--any-price", is_flag=True, help="The name holds whatever the price is.")
@click.option("--forget", is_flag=True, help="Take the name of this kind back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--follow", is_flag=True, hidden=True, help="JSON lines of how far it is: what the app listens to.")
@click.pass_context
def learn(context: click.Context, /, kind: str | None, **said: Any) -> None:
    """List the kinds of subscriptions by the signs that their sellers left, and name each once.

    A kind is an application, metadata keys, the beginning of a description, and a price. A name says which path all
    subscriptions of the kind came through; it stands in a file beside the store, and is applied at once.
    """
    settings = settings_of(context)
    naming = said["path"] or said["name"] or said["note"] or said["any_price"]
    if kind is None:
        if naming or said["forget"]:
            raise UsageError("Which kind is meant?", hint="Give its number or id: `ghl-triage learn` lists them.")
        _list(settings, as_json=said["as_json"])
    elif said["forget"]:
        if naming:
            raise UsageError("--forget goes with nothing else.")
        _forget(settings, kind, said)
    elif naming:
        _name(settings, kind, said)
    else:
        _show(settings, kind, as_json=said["as_json"])


def _lessons(settings: Settings) -> Lessons:
    from ghl_triage.clock import SystemClock
    from ghl_triage.learning import Lessons

    with open_reader(settings) as reader:
        offset = reader.clock_offset()
    return Lessons(open_path(settings), SystemClock(offset), settings.caps)


def _kind(settings: Settings, wanted: str) -> Kind:
    from ghl_triage.learning import find

    with open_reader(settings) as reader:
        return find(reader, wanted)


def _list(settings: Settings, *, as_json: bool) -> None:
    from ghl_triage import output
    from ghl_triage.cli import terminal
    from ghl_triage.cli.kinds import kind_document, kinds_table
    from ghl_triage.learning import kinds

    with open_reader(settings) as reader:
        known, application = kinds(reader), reader.coverage().highlevel_application
        waits = _lessons(settings).unapplied(reader)
    if as_json:
        document = {"highlevel_application": application, "signatures": [kind_document(each) for each in known]}
        click.echo(output.to_json(document))
    else:
        terminal.show_table(kinds_table(known))
        if not known:
            say("No signatures are known yet: `ghl-triage sync` finds them.")
        if application:
            say(f"HighLevel's application is {application}, learned from its own transactions.")
    if waits:
        say("The file of names says more than the verdicts show: the next sync takes it over.")


def _show(settings: Settings, wanted: str, *, as_json: bool) -> None:
    from ghl_triage import output
    from ghl_triage.cli.kinds import kind_document, kind_lines

    kind = _kind(settings, wanted)
    if as_json:
        click.echo(output.to_json(kind_document(kind)))
        return
    for line in kind_lines(kind):
        tell(line)


def _name(settings: Settings, wanted: str, said: dict[str, Any]) -> None:
    from ghl_triage.learning import name_for
    from ghl_triage.model import Path

    kind = _kind(settings, wanted)
    known = kind.name
    name, path = said["name"] or (known.name if known else ""), said["path"] or (known.path if known else "")
    if not (name.strip() and path):
        raise UsageError("A kind is named with --path and --name.")
    note = said["note"] or (known.note if known else "")
    learned = name_for(kind, name.strip(), Path(path), note=note, any_price=said["any_price"])
    with _progress(follow=said["follow"]) as show:
        _lessons(settings).name(learned, show)
    _tell(settings, learned, said, f"{learned.name}, {path}", told=learned.path)


def _forget(settings: Settings, wanted: str, said: dict[str, Any]) -> None:
    kind = _kind(settings, wanted)
    if kind.name is None:
        raise UsageError("This kind has no name.")
    with _progress(follow=said["follow"]) as show:
        _lessons(settings).forget(kind.name, show)
    _tell(settings, kind.name, said, f"{kind.name.name} is forgotten", told=None)


def _tell(settings: Settings, name: LearnedName, said: dict[str, Any], done: str, *, told: Path | None) -> None:
    """How the subscriptions that the name is, or was, for are attributed now."""
    from ghl_triage import output
    from ghl_triage.cli.kinds import kind_document, outcome
    from ghl_triage.diagnosis.signatures import matches
    from ghl_triage.learning import kinds

    with open_reader(settings) as reader:
        meant = [kind for kind in kinds(reader) if matches(name, kind.signature)]
    if said["as_json"]:
        click.echo(output.to_json({"done": done, "signatures": [kind_document(kind) for kind in meant]}))
    elif said["follow"]:
        _line({"said": f"{done}: {outcome(meant, told)}"})
    else:
        say(f"{done}: {outcome(meant, told)}")


@contextmanager
def _progress(*, follow: bool) -> Iterator[OnProgress]:
    """How far the new verdicts are: lines for the app, a line that moves on a terminal, nothing elsewhere."""
    if follow:
        yield lambda done, total: _line({"done": done, "total": total})
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    with console.status("waiting for the store…") as status:
        yield lambda done, total: status.update(f"new verdicts for {done:,} of {total:,} customers")


def _line(document: dict[str, Any]) -> None:
    from orjson import dumps

    click.echo(dumps(document))


@click.command("set-path")
@click.argument("words", metavar="SUB_ID... PATH", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def set_path(context: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """Say how single subscriptions were sold: PATH is api, checkout, highlevel or unknown.

    `auto` as PATH leaves it to the signs again.
    """
    from ghl_triage import output
    from ghl_triage.model import Path

    *subscriptions, path = words
    if path not in (*_PATHS, _BY_SIGNS):
        raise UsageError(f"{path!r} is no path.", hint=f"End with one of {', '.join((*_PATHS, _BY_SIGNS))}.")
    if not subscriptions:
        raise UsageError("Which subscriptions are meant?", hint="Give their ids (sub_…) before the path.")
    settings = settings_of(context)
    _lessons(settings).set_paths(subscriptions, None if path == _BY_SIGNS else Path(path))
    with open_reader(settings) as reader:
        cases = reader.cases(list(dict.fromkeys(subscriptions)))
        now = store_now(reader)
    if as_json:
        click.echo(output.to_json({"at": now, "cases": [output.case_document(case) for case in cases]}))
        return
    for case in cases:
        tell(f"{case.subscription}  {output.path_words(case)}")
