"""Lines for people: at the terminal's width and in its colours; into a pipe or a file plain, and nothing is cut off."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

    from ghl_triage.report.document import Table

_UNBOUND = 400
"""Cells of a line where there is no terminal: a line of a table stays one line, for grep."""


def columns() -> int:
    """How many cells a line may take."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNBOUND


def show(lines: Iterable[Text]) -> None:
    """Print lines that were laid out for the width."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    # rich itself would end the program where the output takes no more.
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=True)
    click.echo(captured.get(), nl=False)


def show_table(table: Table) -> None:
    """Print a table: columns side by side where they fit, wrapped where that helps, else row under row."""
    from ghl_triage.report import terminal
    from ghl_triage.report.table_lines import table_rows

    show(terminal.styled(table_rows(table, columns())))
