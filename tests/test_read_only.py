"""A read-only run cannot write: nothing in it could, and nothing is sent whatever is pressed and whatever is asked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ghl_triage.actions import access
from ghl_triage.actions.access import Access, NoWriter
from ghl_triage.cli.commands import commands
from ghl_triage.clock import SystemClock
from ghl_triage.config import load_settings
from ghl_triage.errors import UsageError
from ghl_triage.model import PlannedRequest
from ghl_triage.sources import stripe_probe
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from ghl_triage.sources.stripe_probe import write_probe
from ghl_triage.store.filters import DEFAULT_SORT, parse, to_sql
from ghl_triage.store.reader import Reader
from ghl_triage.tui.app import TriageApp
from ghl_triage.tui.keys import all_keys
from ghl_triage.tui.screens.triage import MainScreen
from ghl_triage.tui.wiring import make_app
from tests.actions.town import Town
from tests.command_line import CommandLine
from tests.sandbox_server import NOW, SandboxServer
from tests.tui.driving import until

PACKAGE = Path(access.__file__).parents[1]
WRITERS = {"StripeWriter": "actions/access.py", "WriteProbe": "sources/stripe_probe.py"}
"""Whoever can write to Stripe, and the one module that makes it."""
MAY_SEND = {"sources/transport.py", "sources/stripe_writes.py", "sources/stripe_probe.py"}
"""The modules that hold an HTTP client."""


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the product; the sandbox, and what verifies it, are reached over HTTP and are none of it."""
    paths = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    return {
        name: ast.parse(path.read_text(encoding="utf-8"))
        for name, path in paths.items()
        if not name.startswith("sandbox/")
    }


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last word of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


# By construction


def test_a_writer_is_made_in_one_place_and_only_after_the_question() -> None:
    made = {(called(call), name) for name, tree in modules().items() for call in calls(tree) if called(call) in WRITERS}
    assert made == set(WRITERS.items())
    for module, function in ((access, "writer"), (stripe_probe, "write_probe")):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        maker = next(
            node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef) and node.name == function
        )
        first = next(node for node in maker.body if not isinstance(node, ast.Expr))
        assert isinstance(first, ast.If)
        assert "read_only" in ast.unparse(first.test)
        assert isinstance(first.body[0], ast.Return)


def test_only_three_modules_can_send_and_the_reader_has_no_method_but_get() -> None:
    clients = {
        name for name, tree in modules().items() for call in calls(tree) if called(call) in ("AsyncClient", "Client")
    }
    assert clients == MAY_SEND
    reader = modules()["sources/stripe.py"]
    asked = {called(call) for call in calls(reader) if ast.unparse(call.func).startswith("self.transport.")}
    assert asked == {"get", "close"}
    transport = modules()["sources/transport.py"]
    (plain,) = (node for node in ast.walk(transport) if isinstance(node, ast.ClassDef) and node.name == "Transport")
    public = {node.name for node in plain.body if isinstance(node, ast.AsyncFunctionDef) and node.name[0] != "_"}
    assert public == {"get", "close"}
    sent = {ast.unparse(call.args[0]) for call in calls(plain) if called(call) == "_read"}
    assert sent == {"'GET'"}


def test_a_read_only_run_has_a_writer_without_key_and_without_connection(tmp_path: Path) -> None:
    environment = {"STRIPE_API_KEY": "rk_live_1", "GHL_TRIAGE_HOME": str(tmp_path)}
    settings = load_settings(environment, read_only=True)
    assert write_probe(settings) is None
    writer = Access(settings, tmp_path / "none.sqlite3").writer(1.0)
    assert isinstance(writer, NoWriter)
    assert not hasattr(writer, "__dict__") or vars(writer) == {}
    assert isinstance(write_probe(replace(settings, read_only=False)), stripe_probe.WriteProbe)


@pytest.mark.anyio
async def test_what_stands_in_a_writer_s_place_refuses() -> None:
    with pytest.raises(UsageError, match="Nothing may be changed here"):
        await NoWriter().send(PlannedRequest("POST", "/v1/invoices/in_1/pay", {}, "key", ""))
    reader = stripe_reader("rk_test_1", "http://127.0.0.1:9", clock=SystemClock())
    assert isinstance(reader, StripeReader)
    await reader.close()


# By trying


@pytest.fixture
def town() -> Iterator[SandboxServer]:
    """Cases for each action: cards that are no default, payments to retry, a pause, a duplicate."""
    town = Town()
    for name in ("dan", "eve"):
        town.failing(name)
    twin, _ = town.customer("ivy")
    town.trial(twin)
    town.trial(twin)
    resting, _ = town.customer("joe", card=None)
    town.trial(resting, trial_settings={"end_behavior": {"missing_payment_method": "pause"}})
    town.mended("ann", "bob")
    with town.now().served() as server:
        yield server


@pytest.fixture(params=["--read-only", "a key that may only read"])
def shell(
    request: pytest.FixtureRequest, town: SandboxServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[CommandLine, list[str]]:
    """A shell, and what stands before each command."""
    guard = ["--read-only"] if request.param == "--read-only" else []
    environment = {
        "STRIPE_API_KEY": "rk_test_sandbox" if guard else "rk_test_sandbox_readonly",
        "STRIPE_API_BASE": town.stripe_base,
        "GHL_TRIAGE_HOME": str(tmp_path),
        "TZ": "UTC",
    }
    shell = CommandLine(environment, capsys)
    assert shell.run(*guard, "sync").code == 0
    town.reset_counters()
    return shell, guard


def written(town: SandboxServer, guard: list[str]) -> list[str]:
    """What left for Stripe but GET. With the key, probes of its rights are none: they can't happen."""
    sent = [one for one in town.requests() if one["api"] == "stripe" and one["method"] != "GET"]
    return [
        f"{one['method']} {one['path']}"
        for one in sent
        if guard or "ghl_triage_probe" not in f"{one['path']}{one['form']}"
    ]


def test_no_command_writes(shell: tuple[CommandLine, list[str]], town: SandboxServer, tmp_path: Path) -> None:
    run, guard = shell
    with Reader(next(tmp_path.glob("*.sqlite3"))) as reader:
        everything = [case.subscription for case in reader.cases_of(reader.ids(to_sql(parse(""), NOW), DEFAULT_SORT))]
    acting = ["retry", "fix-default", "resume-subscription", "cancel-duplicate", "resend-link"]
    assert set(acting) <= set(commands.commands)
    ends: dict[str, int] = {}
    for command in acting:
        for one in everything:
            ends[command] = max(ends.get(command, 0), run.run(*guard, command, one, "--apply", "--yes").code)
    for others in ("sync --full", "resume --apply --yes", "undo 1 --apply --yes", "doctor"):
        run.run(*guard, *others.split())
    assert written(town, guard) == []
    assert town.ledger() == []
    refused = {"retry", "fix-default", "resume-subscription", "cancel-duplicate"}
    assert refused <= {command for command, code in ends.items() if code}
    assert run.run(*guard, "show", everything[0]).code == 0


@pytest.mark.slow
@pytest.mark.anyio
async def test_no_key_of_the_app_writes(
    shell: tuple[CommandLine, list[str]], town: SandboxServer, tmp_path: Path
) -> None:
    run, guard = shell
    app = make_app(load_settings(run.environment, read_only=bool(guard)))
    keys = [key.split(",")[0] for key in (each.keys for each in all_keys())]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MainScreen) and app.screen.shown > 0, "cases")
        for _ in range(2):
            for key in keys:
                await _press(pilot, app, key)
            await _press(pilot, app, "down")
    assert written(town, guard) == []
    assert town.ledger() == []


async def _press(pilot: Pilot[None], app: TriageApp, key: str) -> None:
    """A key on the main screen, what it opened answered with yes, and back; leaving is left out."""
    if key == "q":
        return
    await pilot.press(key)
    await pilot.pause()
    for answer in ("y", "y", "enter"):
        if isinstance(app.screen, MainScreen):
            break
        await pilot.press(answer)
    for _ in range(6):
        if isinstance(app.screen, MainScreen) and app.screen.table.has_focus:
            break
        await pilot.press("escape")
        await pilot.pause()
