"""How a report leaves the command line: the format asked for, to the screen or to a file of one's own."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from ghl_triage.cli.formats import emit, options
from ghl_triage.errors import TriageError, UsageError
from ghl_triage.report import codec
from tests.report.sample import AUDIT


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a report reckons."""

    cases: int = 230


@click.command()
@options("text", "md", "html", "json", "csv")
def report(format: str | None, output: Path | None) -> None:
    """A report."""
    emit(AUDIT, Numbers(), format=format, output=output, csv=lambda: "cases\n230\n")


def run(*arguments: str) -> None:
    """Run the command in this process."""
    report(list(arguments), standalone_mode=False)


def test_text_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    run()
    assert "card not default     api        121 29.2 %" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("form", "begins"), [("md", "# Why trials fail"), ("html", "<!DOCTYPE html>"), ("csv", "cases\n230\n")]
)
def test_a_format_is_printed_whole(form: str, begins: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", form)
    printed = capsys.readouterr()
    assert printed.out.startswith(begins)
    assert printed.err == ""


def test_json_holds_the_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", "json")
    assert json.loads(capsys.readouterr().out) == {"cases": 230}


def test_the_app_gets_the_blocks_which_the_help_does_not_name(capsys: pytest.CaptureFixture[str]) -> None:
    run("--format", "blocks")
    assert codec.from_json(capsys.readouterr().out.encode()) == AUDIT
    run("--help")
    assert "blocks" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.md", "# Why"), ("r.HTML", "<!DOCTYPE"), ("r.json", "{"), ("r.csv", "cases"), ("r.txt", "Why trials fail")],
)
def test_the_ending_of_the_file_chooses_the_format(name: str, begins: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("before")
    run("-o", str(path))
    assert path.read_text().startswith(begins)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_format_that_is_said_wins_over_the_ending(tmp_path: Path) -> None:
    run("-o", str(tmp_path / "r.md"), "--format", "json")
    assert json.loads((tmp_path / "r.md").read_text()) == {"cases": 230}


def test_an_ending_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"r\.pdf names no format"):
        run("-o", str(tmp_path / "r.pdf"))
    with pytest.raises(UsageError, match=r"r\.csv names no format"):
        emit(AUDIT, Numbers(), format=None, output=tmp_path / "r.csv")


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TriageError, match="cannot be written: No such file or directory"):
        run("-o", str(tmp_path / "nowhere" / "r.md"))
