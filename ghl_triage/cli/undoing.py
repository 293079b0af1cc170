"""Taking back a default that was set: by the number of its journal entry."""

from __future__ import annotations

from typing import Any

import click

from ghl_triage.cli.carrying import Wish, plan_and_run, refuse_unasked
from ghl_triage.cli.context import open_path, open_session, settings_of
from ghl_triage.errors import TriageError


@click.command()
@click.argument("entry", type=click.IntRange(1, 2**63 - 1))
@click.option("--apply", is_flag=True, help="Carry the plan out after a yes.")
@click.option("--yes", is_flag=True, help="Say yes beforehand, for scripts.")
@click.option("--live", is_flag=True, help="With --yes: yes, this is a live account.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def undo(context: click.Context, /, entry: int, **wish: Any) -> None:
    """Put back the default card that stood there before journal entry ENTRY, unless somebody changed it since."""
    import anyio

    from ghl_triage.actions.plan import Choices
    from ghl_triage.model import ActionKind
    from ghl_triage.store.journal import Journal

    settings, options = settings_of(context), Wish(**wish)
    if options.apply:
        refuse_unasked(settings, options)
    with Journal(open_path(settings)) as journal:
        known = journal.entry(entry)
    if known is None:
        raise TriageError(f"The journal has no entry {entry}.", hint="`ghl-triage journal` lists them.")
    session = open_session(settings)
    session.demand(ActionKind.UNDO, apply=options.apply)
    anyio.run(plan_and_run, session, ActionKind.UNDO, [known.case], Choices(entry=entry), options)
