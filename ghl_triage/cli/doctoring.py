"""`ghl-triage doctor`: the keys and what they may do, each check with its fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from ghl_triage.cli.context import say, settings_of, tell
from ghl_triage.errors import StoreError, TriageError

if TYPE_CHECKING:
    from ghl_triage.config import Settings
    from ghl_triage.rights import Rights
    from ghl_triage.sync.checks import Check
    from ghl_triage.sync.doctor import Examination


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Keys and what they may do: each check with its fix. Exits 1 where something needed is missing.

    Rights to write are asked for by requests that cannot happen; with --read-only they are not asked for.
    """
    import anyio

    from ghl_triage.cli.keys import told
    from ghl_triage.clock import SystemClock
    from ghl_triage.output import to_json
    from ghl_triage.sync.doctor import examine

    settings, clock = settings_of(context), SystemClock()
    found = anyio.run(examine, settings, clock)
    _keep(settings, found.rights)
    origins = told()
    if as_json:
        click.echo(to_json(_document(settings, found, origins, clock.offset)))
    else:
        for line in _lines(settings, found, origins):
            tell(line)
    failed = [check for check in found.checks if check.fails]
    if failed:
        names = ", ".join(check.name for check in failed)
        raise TriageError(f"Missing: {names}.", hint="The line of each says what to do.")
    if found.rights.read_only:
        say("This key may only read: the keys that act are off.")


def _keep(settings: Settings, rights: Rights) -> None:
    """Let the app and the commands go by what was found; a store that is busy learns it with the next sync."""
    from ghl_triage.config import fingerprint, known_database
    from ghl_triage.rights import Rights
    from ghl_triage.store.lock import WriteLock
    from ghl_triage.store.writer import Writer

    path = known_database(settings)
    if path is None or not path.exists() or settings.read_only or rights == Rights():
        return
    with suppress(StoreError), WriteLock(path, "doctor"), Writer(path) as writer:
        writer.save_rights(fingerprint(settings), rights)


def _kind(settings: Settings) -> str:
    from ghl_triage.rights import is_secret

    return "a secret key" if is_secret(settings.stripe_key) else "a restricted key"


def _document(settings: Settings, found: Examination, origins: dict[str, str], offset: int) -> dict[str, Any]:
    account = found.account
    return {
        "ok": not any(check.fails for check in found.checks),
        "livemode": settings.livemode,
        "read_only": settings.read_only or found.rights.read_only,
        "account": {"id": account[0], "name": account[1]} if account else None,
        "keys": origins,
        "clock_offset": offset,
        "checks": list(found.checks),
    }


def _lines(settings: Settings, found: Examination, origins: dict[str, str]) -> Iterator[str]:
    from ghl_triage.text import clean

    account = f"{found.account[1]} ({found.account[0]})" if found.account else "an account that the key may not read"
    yield f"{settings.mode}  {clean(account)}, {_kind(settings)}{', read-only' if settings.read_only else ''}"
    yield ""
    yield "Keys"
    for name, origin in origins.items():
        yield f"  {name:<24} {clean(origin)}"
    area = ""
    for check in found.checks:
        if check.area != area:
            area = check.area
            yield ""
            yield area
        yield from _check_lines(check)


def _check_lines(check: Check) -> Iterator[str]:
    from ghl_triage.text import clean

    yield f"  {check.state:<10} {check.name:<32} {clean(check.purpose)}"
    if check.fix:
        named = f"{check.named}: " if check.named else ""
        yield f"             → {named}{clean(check.fix)}"
