"""Secrets are planted everywhere they can enter; then all that the program wrote is searched for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ghl_triage.sandbox.server import SandboxOptions, create_app
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.command_line import CommandLine, environment_of
from tests.sandbox_server import NOW, SandboxServer
from tests.secrets.planting import AGENCY_TOKEN, FORMS, HIGHLEVEL_TOKEN, STRIPE_KEY, TEXT, Planting, leaks

OPTIONS = SandboxOptions(customers=40, now=NOW, rate_limit=False)


@pytest.fixture(scope="module")
def garden() -> Iterator[SandboxServer]:
    """A small world in whose every answer secrets are planted; two lists are refused, with more of them."""
    app = Planting(create_app(OPTIONS), refused=("/highlevel/workflows", "/stripe/v1/disputes"))
    with SandboxServer(OPTIONS, app) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def shell(garden: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    keys = {
        "STRIPE_API_KEY": STRIPE_KEY,
        "HIGHLEVEL_TOKEN": HIGHLEVEL_TOKEN,
        "HIGHLEVEL_AGENCY_TOKEN": AGENCY_TOKEN,
        "TZ": "UTC",
    }
    return CommandLine({**environment_of(garden, tmp_path / "home"), **keys}, capsys)


def paste_everywhere(run: Callable[..., str]) -> None:
    """A key where a word, a name, a filter or an argument should be."""
    run("learn")
    run("learn", "1", "--path", "api", "--name", f"own code {FORMS[0]}", code=2)
    run("confirm", "retry-policy", TEXT, code=2)
    run("cases", f"code:{FORMS[0]} nonsense:{FORMS[6]}", code=2)
    run("show", FORMS[0], code=1)
    run("set-path", FORMS[0], "api", code=(1, 2))
    run("cases", "--sort", FORMS[0], code=2)
    run("cases", "--group-by", f"path,{FORMS[0]}", code=2)
    run("report", "conversion", "--by", FORMS[0], code=2)
    run("keys", "set", "stripe_key", FORMS[0], code=2)
    run("keys", "show")
    run("doctor", code=(0, 1))


def test_no_command_writes_a_secret_anywhere(shell: CommandLine, tmp_path: Path) -> None:
    home, links = tmp_path / "home", tmp_path / "links"
    home.mkdir()
    (home / "config.toml").write_text("rate = 0\n[caps]\npayments_per_second = 0\n")
    printed: dict[str, str] = {}

    def run(*arguments: str, code: int | tuple[int, ...] = 0) -> str:
        ran = shell.run(*arguments)
        name = f"{len(printed)} {' '.join(arguments)[:60]}"
        printed[f"{name} (out)"], printed[f"{name} (err)"] = ran.out, ran.err
        assert ran.code in (code if isinstance(code, tuple) else (code,)), f"{name}: {ran.err}"
        return ran.out

    told = json.loads(run("sync", "--json", code=1) or "{}")
    assert {part["name"] for part in told["parts"] if part["state"] == "failed"} == {"disputes"}
    assert "may not: [hidden]" in str(told), "what the API said is told, but for the secrets in it"
    cases = json.loads(run("cases", "--all", "--json"))["cases"]
    failing = [case["subscription"] for case in cases if case["stage"] == "failing"]
    run("cases", "--all")
    run("cases", "--all", "--csv")
    run("cases", "--group-by", "path,cause")
    for case in [*failing[:3], next(case["subscription"] for case in cases if case["path"] == "highlevel")]:
        run("show", case)
        run("show", case, "--json")
    for form in ("html", "md", "json"):
        run("audit", "--include-customers", "-o", str(home / f"audit.{form}"), "--format", form)
    run("report", "conversion")
    run("report", "declines", "--format", "json")

    paste_everywhere(run)
    log = tmp_path / f"checkout-{FORMS[0]}.jsonl"
    log.write_text(
        "\n".join(
            json.dumps({"ts": NOW, "message": f"{case['customer']} {secret} password=hunter2PLANTED", "level": "error"})
            for case, secret in zip(cases, [*FORMS, TEXT], strict=False)
        )
    )
    run("import-log", str(log))

    def caused(*causes: str) -> list[str]:
        return [case["subscription"] for case in cases if case["stage"] == "failing" and case["cause"] in causes]

    run("retry", *failing[:2])
    run("fix-default", *caused("card_not_default")[:2], "--apply", "--yes")
    run("retry", *caused("soft_decline", "generic_decline")[:2], "--apply", "--yes", code=(0, 3))
    run("resend-link", *caused("no_off_session_setup", "hard_decline")[:2], "--apply", "--yes", "-o", str(links))
    run("journal")
    run("journal", "--json")
    run("journal", "--csv")
    run("journal", "verify")
    run("undo", "1", "--apply", "--yes", code=(0, 1, 3))
    run("resume", "--apply", "--yes", code=(0, 3))

    (store,) = home.glob("*.sqlite3")
    with Writer(store) as writer:
        # As the screen of a case does.
        writer.add_note(failing[0], f"she wrote: {TEXT}", NOW)
    run("store", "backup")
    run("store", "check")
    with Reader(store) as reader:
        assert "[hidden]" in json.dumps(reader.raw(cases[0]["customer"])), "the rest of a text is kept"
    run("store", "rebuild")
    assert leaks(home, printed) == []
    assert "PLANTED" in links.read_text(), "links are the product where they are asked for"
