"""`ghl-triage keys`: keys go into the system's keyring, and nobody ever sees them again."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from ghl_triage.cli.context import say
from ghl_triage.errors import UsageError
from ghl_triage.secrets.known import VARIABLES

if TYPE_CHECKING:
    from pathlib import Path

    from ghl_triage.secrets.origins import Origin

_NAME = click.argument("name", metavar="NAME", type=click.Choice(list(VARIABLES)))


@click.group()
def keys() -> None:
    """Where the keys come from; store one in the system's keyring, or take it out again.

    NAME is stripe_key, highlevel_token or highlevel_agency_token.
    """


@keys.command("set", context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@_NAME
@click.pass_context
def set_key(context: click.Context, name: str) -> None:
    """Store a key: asked for without echo, or read from standard input. Never an argument: others can read those."""
    from ghl_triage.secrets.keeping import name_in_settings, place_of, store

    if context.args:
        raise UsageError(
            "A key is never an argument: every program on this machine can read it, and the shell keeps it.",
            hint=f"If it was a real one, make a new one. Then run `ghl-triage keys set {name}` and paste it there.",
        )
    path, origins = _settings()
    place = place_of(name, origins.get(name))
    store(place, _read(name))
    if name not in origins:
        name_in_settings(path, name, place)
    say(f"The {name} is stored: {place}.")
    if os.environ.get(VARIABLES[name], "").strip():
        say(f"{VARIABLES[name]} is set in the environment, and wins.")


@keys.command()
@_NAME
def forget(name: str) -> None:
    """Take a key out of the keyring, and out of the settings."""
    from ghl_triage.secrets.keeping import drop_from_settings, place_of, remove

    path, origins = _settings()
    place = place_of(name, origins.get(name))
    found = remove(place)
    if name in origins:
        drop_from_settings(path, name)
    say(f"The {name} is forgotten." if found else f"The {place} holds no {name}.")


@keys.command()
@click.argument("name", metavar="[NAME]", type=click.Choice(list(VARIABLES)), required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(name: str | None, as_json: bool) -> None:
    """Say where each key comes from, and not what it is. Commands are not run."""
    from ghl_triage.output import to_json
    from ghl_triage.text import clean

    known = told()
    shown = {name: known[name]} if name else known
    if as_json:
        click.echo(to_json({"keys": shown}))
        return
    width = max(map(len, shown))
    for each, words in shown.items():
        click.echo(f"{each:<{width}}  {clean(words)}")


def told() -> dict[str, str]:
    """Where each key comes from, in words."""
    _, origins = _settings()
    return {each: _origin_words(each, origins.get(each)) for each in VARIABLES}


def _settings() -> tuple[Path, dict[str, Origin]]:
    from ghl_triage.config import folders
    from ghl_triage.secrets.origins import read_origins
    from ghl_triage.settings_file import read_settings

    path = folders(os.environ)[0] / "config.toml"
    return path, read_origins(path, read_settings(path))


def _origin_words(name: str, origin: Origin | None) -> str:
    from ghl_triage.secrets.asking import stored
    from ghl_triage.secrets.origins import FromKeyring
    from ghl_triage.sources.secrets import mask

    if os.environ.get(VARIABLES[name], "").strip():
        return f"environment ({VARIABLES[name]})"
    if origin is None:
        return "not set"
    if isinstance(origin, FromKeyring) and not stored(origin):
        return f"{mask(str(origin))}: nothing is stored there"
    return mask(str(origin))


def _read(name: str) -> str:
    """The key from a prompt without echo, or from standard input where that is no terminal."""
    if sys.stdin.isatty():
        text = str(
            click.prompt(f"The {name} (it is not shown)", hide_input=True, default="", show_default=False, err=True)
        )
    else:
        text = sys.stdin.read(10_000)
    from ghl_triage.config import usable

    key = text.strip()
    if not key:
        raise UsageError("No key was given.")
    usable(name, key)
    return key
