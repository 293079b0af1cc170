"""`ghl-triage report`: the group of the reports that the command line prints."""

from __future__ import annotations

import click

from ghl_triage.cli.converting import conversion
from ghl_triage.cli.declining import declines


@click.group()
def report() -> None:
    """Reports: what was refused and why, and how many trials are paid."""


report.add_command(conversion)
report.add_command(declines)
