"""The command that brings in the client's own log."""

from __future__ import annotations

from pathlib import Path

import click

from ghl_triage.cli.context import open_path, open_reader, say, settings_of, store_now
from ghl_triage.errors import TriageError


@click.command("import-log")
@click.argument(
    "files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document about the import.")
@click.pass_context
def import_log(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Read the client's own log: JSON lines, plain or gzip, as his code writes them or CloudWatch exports them.

    Lines that name a customer stand in his history, and tell where a client secret was null. Importing twice adds
    nothing.
    """
    from ghl_triage.log_import import import_file
    from ghl_triage.output import to_json
    from ghl_triage.store.lock import LOCK_SECONDS, WriteLock
    from ghl_triage.store.writer import Writer
    from ghl_triage.sync.owed import owing

    settings = settings_of(context)
    path = open_path(settings)
    with open_reader(settings) as reader:
        now = store_now(reader)
    told = []
    with WriteLock(path, "import-log", timeout=LOCK_SECONDS), Writer(path) as writer:
        for file in files:
            with owing(writer):
                imported, touched = import_file(writer, file, now)
                writer.rediagnose(touched, now, settings.caps)
            told.append(imported)
    if as_json:
        click.echo(to_json({"files": told}))
    else:
        for each in told:
            say(each.words())
    strange = [each.file for each in told if each.is_no_log]
    if strange:
        raise TriageError(f"No line of {', '.join(strange)} can be read.", hint="Give JSON lines, plain or gzip.")
