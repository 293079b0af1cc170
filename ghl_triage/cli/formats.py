"""How a report leaves the command line: which format, and where to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ghl_triage.cli import terminal
from ghl_triage.errors import UsageError

if TYPE_CHECKING:
    from ghl_triage.report.document import Document

_ENDINGS = {
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".csv": "csv",
    ".txt": "text",
}
BLOCKS = "blocks"
"""The format that the app's screens read (report/codec.py). Not in the help: its keys are no interface."""
_FILE_WIDTH = 100


class _Format(click.Choice[str]):
    """One of a report's formats, or that of the app's screens, which no message names."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return BLOCKS if value == BLOCKS else super().convert(value, param, ctx)


_Command = TypeVar("_Command", bound=Callable[..., Any])


def options(*formats: str) -> Callable[[_Command], _Command]:
    """Adds `--format` and `-o` to a command, which gets them as `format` and `output`; both may be None."""

    def decorate(command: _Command) -> _Command:
        chosen = click.option(
            "--format",
            type=_Format(formats),
            metavar=f"[{'|'.join(formats)}]",
            help="How it is written; without it text, or what the file's ending says.",
        )
        output = click.option(
            "-o",
            "--output",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write to this file, which only you may read.",
        )
        return chosen(output(command))

    return decorate


def emit(
    document: Document,
    numbers: object,
    *,
    format: str | None,
    output: Path | None,
    csv: Callable[[], str] | None = None,
    brief: Document | None = None,
) -> None:
    """Print the report, or write it to `output`.

    `document` is what people read, `numbers` what JSON holds (data classes), `csv` makes the CSV where there is one;
    `brief` stands for the document on a terminal, where nobody scrolls back through all of it.
    Raises UsageError for a file whose ending names no format of this report.
    """
    form = format or _guessed(output, csv is not None)
    if form == "text" and output is None:
        from ghl_triage.report.terminal import render

        width = terminal.columns() if sys.stdout.isatty() else _FILE_WIDTH
        terminal.show(render(brief if brief is not None and sys.stdout.isatty() else document, width))
        return
    text = _rendered(form, document, numbers, csv)
    if output is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    from ghl_triage.cli.context import say
    from ghl_triage.report.files import write

    write(output, text)
    say(f"Written to {output}.")


def _guessed(output: Path | None, has_csv: bool) -> str:
    if output is None:
        return "text"
    form = _ENDINGS.get(output.suffix.lower())
    if form is None or (form == "csv" and not has_csv):
        raise UsageError(f"The ending of {output.name} names no format of this report.", hint="Say --format too.")
    return form


def _rendered(form: str, document: Document, numbers: object, csv: Callable[[], str] | None) -> str:
    if form == "json":
        from ghl_triage.output import to_json

        return to_json(numbers)
    if form == "csv" and csv is not None:
        return csv()
    if form in ("md", "html"):
        from ghl_triage.report.files import rendered

        return rendered(document, "md" if form == "md" else "html")
    if form == BLOCKS:
        from ghl_triage.report import codec

        return codec.to_json(document).decode()
    from ghl_triage.report import terminal

    return terminal.text(document, _FILE_WIDTH)
