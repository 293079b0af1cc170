"""What all commands share: messages, the settings of the run, the store, and the cases that are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ghl_triage.errors import TriageError

if TYPE_CHECKING:
    from pathlib import Path

    from ghl_triage.actions.session import ActionSession
    from ghl_triage.config import Settings
    from ghl_triage.model import Case, SyncProgress
    from ghl_triage.store.reader import Reader


def say(message: str) -> None:
    """One line to standard error, free of control characters and of secrets, whoever gave it its words."""
    from ghl_triage.secrets.hiding import hide
    from ghl_triage.text import clean

    click.echo(clean(hide(message)), err=True)


def tell(line: str) -> None:
    """One line for people to standard output; nothing in it acts on a terminal."""
    from ghl_triage.text import printable

    click.echo(printable(line))


def settings_of(context: click.Context) -> Settings:
    """The settings of this run, with what the command line says on top."""
    from ghl_triage.config import load_settings

    # Loaded once: a keyring, or the command that gives a key, is not asked again.
    if "settings" not in context.obj:
        context.obj["settings"] = load_settings(read_only=context.obj["read_only"], rate=context.obj["rate"])
    settings: Settings = context.obj["settings"]
    return settings


def run_sync(settings: Settings, *, full: bool) -> SyncProgress:
    """One sync with a progress bar on a terminal."""
    import anyio

    from ghl_triage.output import sync_display
    from ghl_triage.sync.run import run_once

    with sync_display() as show:
        return anyio.run(lambda: run_once(settings, full=full, on_progress=show))


def open_path(settings: Settings) -> Path:
    """The file of this key's account; where there is none yet, a first sync makes it."""
    from ghl_triage.config import known_database

    path = known_database(settings)
    if path is None or not path.exists():
        say("Nothing is loaded yet: syncing first.")
        run_sync(settings, full=False)
        path = known_database(settings)
    if path is None:
        raise TriageError("There is no local data.", hint="Run `ghl-triage sync`.")
    return path


def open_reader(settings: Settings) -> Reader:
    """The store of this key's account, to read."""
    from ghl_triage.store.reader import Reader

    return Reader(open_path(settings))


def open_session(settings: Settings) -> ActionSession:
    """Acting on this key's account, by Stripe's clock."""
    from ghl_triage.actions.session import ActionSession
    from ghl_triage.clock import SystemClock

    path = open_path(settings)
    with open_reader(settings) as reader:
        clock = SystemClock(reader.clock_offset())
    return ActionSession(settings, clock, path, tell=say)


def store_now(reader: Reader) -> int:
    """The time by Stripe's clock, as the last sync learned it."""
    from ghl_triage.clock import SystemClock

    return SystemClock(reader.clock_offset()).now()


def matching(reader: Reader, text: str, *, everything: bool = False, sort: str = "queue") -> list[Case]:
    """The cases that a filter finds, whole, in the order asked for."""
    from ghl_triage.store.filters import order_for, parse, parse_sort, to_sql

    query = parse(text)
    if reader.sync_status() is None:
        say("Nothing is loaded since the store was made anew: `ghl-triage sync` does it.")
    where = to_sql(query, store_now(reader), default_queue=not everything)
    return reader.cases_of(reader.ids(where, order_for(query, parse_sort(sort))))
