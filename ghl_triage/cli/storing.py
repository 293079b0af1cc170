"""The store on the command line: whether it is sound, a copy of it, and making it anew around the journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli.context import say, settings_of, tell
from ghl_triage.errors import TriageError, UsageError

if TYPE_CHECKING:
    from ghl_triage.store.checkup import Checkup
    from ghl_triage.store.rebuild import Rebuilt


@click.group()
def store() -> None:
    """The local file: check it, copy it, or make it anew when it is damaged."""


def _path(context: click.Context) -> Path:
    """The file of this key's account. Nothing is synced for it: a sync may be what cannot be done."""
    from ghl_triage.config import known_database

    path = known_database(settings_of(context))
    if path is None:
        raise TriageError("There is no local data yet.", hint="Run `ghl-triage sync`.")
    return path


def _now() -> int:
    from ghl_triage.clock import SystemClock

    return SystemClock().now()


@store.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def check(context: click.Context, file: Path | None, as_json: bool) -> None:
    """Whether the store is sound: file modes, pages, schema, journal, and what belongs together.

    FILE is a copy of a store, to be checked instead. Says what is wrong and what mends it; exits 1 where something is.
    """
    from ghl_triage.output import to_json
    from ghl_triage.store.checkup import check as examine
    from ghl_triage.store.checkup import check_copy

    found = check_copy(file) if file else examine(_path(context))
    if as_json:
        click.echo(to_json(_document(found)))
    else:
        _tell(found)
    if not found.sound:
        raise TriageError(f"The store {found.file} is not sound.")


def _document(found: Checkup) -> dict[str, Any]:
    return {
        "file": str(found.file),
        "sound": found.sound,
        "bytes": found.size,
        "schema": found.schema,
        "journal": {"rows": found.journal_rows, "head": found.journal_head},
        "backups": [str(copy) for copy in found.backups],
        "faults": list(found.faults),
    }


def _tell(found: Checkup) -> None:
    from itertools import groupby

    from ghl_triage.text import clean, plural

    tell(f"{found.file}  {found.size / 1_000_000:,.1f} MB, schema {found.schema or 'unknown'}")
    if found.journal_head is not None:
        tell(f"journal  {plural(found.journal_rows or 0, 'row')}, head {found.journal_head}")
    for copy in found.backups:
        tell(f"backup   {copy}")
    for mend, faults in groupby(found.faults, key=lambda fault: fault.mend):
        for fault in faults:
            tell(f"WRONG    {clean(fault.what)}")
        tell(f"         mends it: {clean(mend)}")
    if found.sound:
        click.echo("Nothing is wrong.")


@store.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def backup(context: click.Context, file: Path | None, as_json: bool) -> None:
    """A whole copy of the store, made while others may use it, and checked.

    FILE is where to, or a folder; without it the copy lies beside the store under the time's name.
    """
    from datetime import UTC, datetime

    from ghl_triage.output import to_json
    from ghl_triage.store.backups import backup as copy
    from ghl_triage.store.checkup import check_copy
    from ghl_triage.store.schema import not_there, stored_version

    path = _path(context)
    if stored_version(path) == 0:
        raise not_there(path)
    name = f"{path.name}.{datetime.fromtimestamp(_now(), UTC):%Y%m%dT%H%M%SZ}.backup"
    to = path.with_name(name) if file is None else file / name if file.is_dir() else file
    if to.exists():
        raise UsageError(f"{to} is there already.", hint="Choose another name.")
    copy(path, to)
    found = check_copy(to)
    if as_json:
        click.echo(to_json(_document(found)))
    else:
        _tell(found)
    if not found.sound:
        raise TriageError(
            f"The copy {to} is as damaged as the store itself.", hint="`ghl-triage store rebuild` mends the store."
        )


@store.command()
@click.option("--accept-loss", is_flag=True, help="Go on although something of the journal or your notes is lost.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def rebuild(context: click.Context, accept_loss: bool, as_json: bool) -> None:
    """Make the store anew around the journal, notes, tags and paths set by hand; the next sync loads the rest.

    Rows that cannot be read are sought in the backups beside the store. The old file is kept under a dated name.
    """
    from ghl_triage.output import to_json
    from ghl_triage.store.rebuild import rebuild as make_anew

    path = _path(context)
    done = make_anew(path, now=_now(), accept_loss=accept_loss)
    if as_json:
        click.echo(to_json({"file": str(path), **_rebuilt(done)}))
    else:
        _tell_rebuilt(path, done)


def _rebuilt(done: Rebuilt) -> dict[str, Any]:
    return {
        "kept": str(done.kept),
        "rows": dict(done.rows),
        "from_backups": done.from_backups,
        "lost": list(done.lost),
        "journal_head": done.head,
    }


def _tell_rebuilt(path: Path, done: Rebuilt) -> None:
    from ghl_triage.text import plural

    rows = done.rows
    tell(
        f"{path} is made anew with {plural(rows['journal'], 'journal entry', 'journal entries')}, "
        f"{plural(rows['notes'], 'note')}, {plural(rows['tags'], 'tag')} "
        f"and {plural(rows['path_overrides'], 'path')} set by hand; the journal's head is {done.head}"
    )
    if done.from_backups:
        click.echo(f"{plural(done.from_backups, 'row')} came from backups.")
    for sentence in done.lost:
        tell(f"LOST     {sentence}")
    if done.missed:
        click.echo("Some old events, or lines of an imported log, could not be read: import that log again.")
    say(f"The old file is {done.kept}. Run `ghl-triage sync` to load the rest.")
