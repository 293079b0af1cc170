"""Every command on an account whose every text is hostile: terminal, pipe, reports and files."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from ghl_triage.sandbox.server import SandboxOptions, create_app
from tests.command_line import CommandLine, Ran, environment_of
from tests.hostile import CORPUS, LONG, Sown, broken_tables, cells_of, formulas, strange_html, unsafe
from tests.sandbox_server import NOW, SandboxServer

OPTIONS = SandboxOptions(customers=40, now=NOW, rate_limit=False)
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def field() -> Iterator[SandboxServer]:
    """A sandbox whose every answer is full of hostile text; two lists are refused, with more of it."""
    app = Sown(create_app(OPTIONS), refused=("/highlevel/workflows", "/stripe/v1/disputes"))
    with SandboxServer(OPTIONS, app) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


class Shell:
    """A command line that looks through all that a command prints."""

    def __init__(self, line: CommandLine, field: SandboxServer) -> None:
        self.line = line
        self.field = field

    def run(self, *arguments: str, code: int | tuple[int, ...] = 0) -> Ran:
        """Run a command; what it prints is harmless, and it never breaks off by a fault of its own."""
        ran = self.line.run(*arguments)
        name = " ".join(arguments)[:60]
        assert "fault of its own" not in ran.err, ran.err
        assert ran.code in (code if isinstance(code, tuple) else (code,)), f"{name}: {ran.err[-500:]}"
        assert unsafe(ran.out) == [], name
        assert unsafe(ran.err) == [], name
        return ran

    def table(self, *arguments: str) -> list[list[str]]:
        """CSV: the same number of columns in each row, and no cell that a spreadsheet would reckon."""
        written = self.run(*arguments).out
        rows = cells_of(written)
        assert len({len(row) for row in rows}) == 1, arguments
        assert list(formulas(written)) == [], arguments
        return rows

    def report(self, *arguments: str) -> None:
        """A report in each format that people read."""
        self.run(*arguments, "--format", "text")
        assert broken_tables(self.run(*arguments, "--format", "md").out) == [], arguments
        assert strange_html(self.run(*arguments, "--format", "html").out) == set(), arguments
        assert self.run(*arguments, "--format", "json").document


@pytest.fixture
def shell(field: SandboxServer, home: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(CommandLine({**environment_of(field, home), "TZ": "UTC"}, capsys), field)


def test_an_account_full_of_hostile_text_is_loaded_shown_and_exported(shell: Shell) -> None:
    told = json.loads(shell.run("sync", "--json", code=1).out)
    assert {part["name"] for part in told["parts"] if part["state"] == "failed"} == {
        "disputes",
        "HighLevel workflows",
    }
    cases = shell.run("cases", "--all", "--json").document["cases"]
    texts = {case["name"] for case in cases} | {case["email"] for case in cases}
    given = {item.encode(errors="replace").decode() for item in CORPUS}
    assert len(texts & given) > 8, "what is data is kept as it came"
    assert LONG in texts or "漢" * 10_000 in texts or "e\u0301" * 10_000 in texts
    lines = shell.run("cases", "--all").out.splitlines()
    assert len(lines) == len(cases) + 1
    assert all(cell_len(line) <= 400 for line in lines), "into a pipe a table is as wide as it needs, and no wider"
    assert len(shell.table("cases", "--all", "--csv")) == len(cases) + 1
    for case in cases[::12]:
        shell.run("show", case["subscription"])
        assert shell.run("show", case["subscription"], "--json").document["email"] == case["email"]
    shell.report("audit", "--include-customers")
    searches = [
        json.loads(each["json"]) for each in shell.field.requests() if each["endpoint"].endswith("contacts/search")
    ]
    asked = [leaf["value"] for search in searches for group in search["filters"] for leaf in group["filters"]]
    assert asked
    assert all("@" in address for address in asked), "what is no address is not sought"


@pytest.mark.slow
def test_every_report_and_group(shell: Shell) -> None:
    shell.run("sync", code=(0, 1))
    for columns in ("path,cause", "code,advice,brand", "country,funding"):
        shell.run("cases", "--group-by", columns)
        shell.table("cases", "--all", "--group-by", columns, "--csv")
        assert shell.run("cases", "--group-by", columns, "--json").document
    shell.report("audit")
    for report in (("conversion", "--by", "price"), ("declines", "--all", "--by", "code,country")):
        shell.report("report", *report)
        shell.table("report", *report, "--format", "csv")


@pytest.mark.slow
def test_words_of_the_consultant_s_own(shell: Shell, home: Path) -> None:
    shell.run("sync", code=(0, 1))
    subscription = shell.run("cases", "--all", "--json").document["cases"][0]["subscription"]
    shell.run("learn")
    for item in (*CORPUS, "half \udc80 byte"):
        said = item.replace("\0", "") or "x"
        shell.run("learn", "1", "--path", "api", "--name", said, "--note", said, code=(0, 2))
        shell.run("confirm", "retry-policy", said, code=(0, 2))
        for command in ("cases", "show", "retry"):
            shell.run(command, said, code=(0, 1, 2))
    shell.run("learn")
    shell.run("learn", "1")
    shell.run("confirm")
    assert shell.run("learn", "--json").document
    shell.run("set-path", subscription, "api")
    shell.run("cases", "--no\x1b[31m-such", code=2)
    shell.run("ca\x9b31mses", code=2)
    (names,) = home.glob("*.toml")
    whole = names.read_bytes()
    names.write_bytes(whole + b"\n# \xff\n")
    shell.run("learn", code=2)
    names.write_bytes(whole + b'\n[[signatures]]\nname = "a\\u001b[31m\\u202e"\npath = "\\u009b"\n')
    shell.run("learn", code=2)
    names.write_bytes(whole + b'\n[[signatures]]\nname = "a\\u001b[31m\\u202e"\npath = "api"\nnote = "\\u0000"\n')
    shell.run("learn")
    names.write_bytes(whole)


@pytest.mark.slow
def test_the_client_s_own_log(shell: Shell, tmp_path: Path) -> None:
    shell.run("sync", code=(0, 1))
    case = shell.run("cases", "--all", "--json").document["cases"][0]
    lines = [
        json.dumps({"ts": NOW, "message": f"{case['customer']} {item}", "level": item}).encode() for item in CORPUS
    ]
    lines += [
        b'{"ts": %d, "message": "\xff %s"}' % (NOW, case["customer"].encode()),
        b"\xff\xfe",
        b"\0\x1b[31m",
        b"[]",
        b'{"ts": 1e400}',
    ]
    file = os.path.join(os.fsencode(tmp_path), b"od\xffd\x1b[31m\n=1.jsonl")
    with open(file, "wb") as log:
        log.write(b"\n".join(lines))
    shell.run("import-log", os.fsdecode(file))
    (told,) = shell.run("import-log", os.fsdecode(file), "--json").document["files"]
    assert told["kept"] == len(CORPUS) + 1
    assert told["unreadable"] == [len(CORPUS) + number for number in (2, 3, 4, 5)]
    assert "od" in told["file"]
    shell.run("show", case["subscription"])


@pytest.mark.slow
def test_plans_results_links_and_the_journal(shell: Shell, home: Path) -> None:
    shell.run("sync", code=(0, 1))
    cases = shell.run("cases", "--json").document["cases"]
    failing = [case["subscription"] for case in cases if case["stage"] == "failing"]
    shell.run("retry", *failing)
    assert shell.run("retry", *failing, "--json").document
    for command, text in (("fix-default", "cause:card_not_default"), ("retry", "stage:failing")):
        shell.run(command, text, "--apply", "--yes", code=(0, 3))
    links = home / "links.tsv"
    shell.run("resend-link", *failing[::2], "--apply", "--yes", "-o", str(links), code=(0, 3))
    printed = shell.line.run("resend-link", failing[1], "--apply", "--yes").out
    for line in [*links.read_text().split("\n")[:-1], *(row for row in printed.split("\n") if "\t" in row)]:
        who, link = line.split("\t")
        assert link.startswith("https://")
        assert unsafe(who) == list(formulas(who)) == []
    shell.run("journal")
    assert len(shell.table("journal", "--csv")) > 2
    assert shell.run("journal", "--json").document["journal"]
    shell.run("journal", "verify")
    shell.run("undo", "1", code=(0, 1))
    shell.run("resume", "--apply", "--yes", code=(0, 3))
    shell.run("sync", "--full", code=1)
    shell.run("doctor", code=(0, 1))
    shell.run("store", "check")


@pytest.mark.slow
def test_on_a_terminal_no_line_is_wider_than_it(field: SandboxServer, home: Path, shell: Shell) -> None:
    shell.run("sync", code=(0, 1))
    for arguments in (("cases", "--all"), ("cases", "--group-by", "country,code"), ("audit",), ("learn",)):
        shown = _on_a_terminal(arguments, {**environment_of(field, home), "TZ": "UTC"})
        assert "\x1b[" in shown, "it is a terminal"
        lines = _STYLE.sub("", shown).replace("\r\n", "\n").split("\n")
        assert len(lines) > 5
        for line in lines:
            assert unsafe(line) == [], arguments
            assert cell_len(line) <= 80, arguments


def _on_a_terminal(arguments: tuple[str, ...], environment: dict[str, str]) -> str:
    """What a command writes to a terminal of 80 columns."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ghl_triage", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"},
    )
    os.close(follower)
    parts: list[bytes] = []
    while select.select([leader], [], [], 30)[0]:
        try:
            part = os.read(leader, 65_536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(leader)
    assert process.wait(30) == 0
    return b"".join(parts).decode()
