"""Keys come from the environment, the keyring or a command; the settings say from where, and never hold one."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from ghl_triage.config import load_settings, remember_database
from ghl_triage.errors import UsageError
from ghl_triage.secrets.asking import ask
from ghl_triage.secrets.origins import FromCommand
from ghl_triage.store.writer import Writer
from tests.command_line import CommandLine
from tests.secrets.vault import Locked, OpenDrawer, Vault

KEY = "rk_test_PLANTEDabcdefgh"
OPAQUE = "PLANTED-of-no-form-0123"


@pytest.fixture
def vault() -> Iterator[Vault]:
    """The system's keyring, for one test."""
    before = keyring.get_keyring()
    vault = Vault()
    keyring.set_keyring(vault)
    yield vault
    keyring.set_keyring(before)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine({"GHL_TRIAGE_HOME": str(tmp_path)}, capsys)


def written(home: Path, text: str) -> dict[str, str]:
    """A settings file, and the environment that leads to it."""
    (home / "config.toml").write_text(text)
    return {"GHL_TRIAGE_HOME": str(home)}


def program(home: Path, code: str) -> str:
    """A command that runs this Python."""
    script = home / "secret.py"
    script.write_text(code)
    return shlex.join([sys.executable, "-I", str(script)])


@pytest.mark.parametrize(
    "text",
    [
        f'[secrets]\nstripe_key = "{OPAQUE}"',
        f'[secrets]\nhighlevel_token = "{OPAQUE}"',
        f'stripe_key = "{OPAQUE}"',
        f'[anything]\nHIGHLEVEL_AGENCY_TOKEN = "{OPAQUE}"',
        f'rate = 4\nreturn_url = "{KEY}"',
        f"rate = 4  # was made with {KEY}",
        f'[keys]\n"{KEY}" = "f5"',
        f'[secrets]\nstripe_key = {{ command = "echo {KEY}" }}',
        f"this is no TOML {KEY}",
    ],
)
def test_a_secret_in_the_file_is_refused_in_one_clear_sentence_without_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings({**written(tmp_path, text), "STRIPE_API_KEY": "rk_test_1"})
    said = caught.value.message
    assert "a secret stands in the file" in said
    assert "config.toml" in said
    assert "PLANTED" not in str(caught.value)
    assert "keys set" in caught.value.hint


@pytest.mark.parametrize(
    "said",
    [
        "3",
        "{ }",
        "{ keyring = '' }",
        "{ keyring = 1 }",
        "{ keyring = 'a', command = 'b' }",
        "{ keyring = 'a', users = 'b' }",
        "{ command = '' }",
        "{ command = 'a \"' }",
        "{ command = 'a', user = 'b' }",
        "{ command = [1] }",
    ],
)
def test_an_origin_that_cannot_be_understood_is_named(tmp_path: Path, said: str) -> None:
    with pytest.raises(UsageError, match=r"secrets\.stripe_key.*where the key comes from"):
        load_settings(written(tmp_path, f"[secrets]\nstripe_key = {said}"))


def test_other_keys_than_ours_are_no_keys(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="knows no 'stripe'"):
        load_settings(written(tmp_path, "[secrets]\nstripe = { keyring = 'a' }"))


def test_all_three_come_from_where_the_file_says(tmp_path: Path, vault: Vault) -> None:
    vault.held = {"acme/stripe_key": KEY, "acme/agency": "agency-token-1"}
    command = program(tmp_path, "print('pit-' + 'from-a-command')")
    text = (
        "[secrets]\nstripe_key = { keyring = 'acme' }\nhighlevel_agency_token = { keyring = 'acme', user = 'agency' }\n"
        f"highlevel_token = {{ command = '''{command}''' }}\n"
    )
    settings = load_settings(written(tmp_path, text))
    assert (settings.stripe_key, settings.highlevel_token) == (KEY, "pit-from-a-command")
    assert settings.highlevel_agency_token == "agency-token-1"
    assert vault.asked == ["acme/stripe_key", "acme/agency"]
    for shown in (repr(settings), str(settings)):
        assert "PLANTED" not in shown
        assert "pit-" not in shown


def test_the_environment_wins_and_nobody_else_is_asked(tmp_path: Path, vault: Vault) -> None:
    text = "[secrets]\nstripe_key = { keyring = 'acme' }\nhighlevel_token = { command = 'no-such-program' }\n"
    env = {**written(tmp_path, text), "STRIPE_API_KEY": "rk_test_env", "HIGHLEVEL_TOKEN": "pit-environment"}
    settings = load_settings(env)
    assert (settings.stripe_key, settings.highlevel_token, vault.asked) == ("rk_test_env", "pit-environment", [])


def test_a_command_is_run_without_a_shell_and_without_our_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    monkeypatch.setenv("OP_SESSION", "stays")
    code = (
        "import os, sys\n"
        "assert sys.argv[1:] == ['op://vault/a b', ';', 'exit', '$HOME'], sys.argv\n"
        "assert 'STRIPE_API_KEY' not in os.environ and os.environ['OP_SESSION'] == 'stays'\n"
        "assert sys.stdin.read() == ''\n"
        "print('  rk_test_given  ')"
    )
    words = shlex.split(program(tmp_path, code) + " 'op://vault/a b' ; exit $HOME")
    assert ask("stripe_key", FromCommand(tuple(words))) == "rk_test_given"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (f"import sys; print('{KEY}'); sys.exit('vault \\x1b[2Jis locked, tried {KEY}')", "code 1: vault .*is locked"),
        ("import sys; sys.exit(3)", r"code 3\."),
        (f"import sys; print('{OPAQUE}'); sys.exit('no vault takes {OPAQUE}')", r"code 1: no vault takes \[hidden\]"),
        (f"print('{KEY}'); print('url: https://stripe.com')", "something other than one line"),
        ("print(' ')", "printed nothing"),
        ("import sys; sys.stdout.buffer.write(b'rk_test_\\xff')", "something other than one line"),
        ("print('r' * 5000)", "something other than one line"),
        ("input()", "code 1"),
    ],
)
def test_a_command_that_fails_says_why_and_gives_nothing_away(tmp_path: Path, code: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        ask("stripe_key", FromCommand(tuple(shlex.split(program(tmp_path, code)))))
    assert "PLANTED" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_command_that_is_not_there_or_never_answers_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`no-such-program` for stripe_key cannot be run: No such file"):
        ask("stripe_key", FromCommand(("no-such-program",)))
    words = tuple(shlex.split(program(tmp_path, "import time; time.sleep(600)")))
    with pytest.raises(UsageError, match=r"no answer in 0\.05 seconds"):
        ask("stripe_key", FromCommand(words), patience=0.05)


def test_a_keyring_that_holds_nothing_or_is_locked_is_told(tmp_path: Path, vault: Vault) -> None:
    env = written(tmp_path, "[secrets]\nstripe_key = { keyring = 'acme' }")
    with pytest.raises(UsageError, match="holds no stripe_key") as caught:
        load_settings(env)
    assert "ghl-triage keys set stripe_key" in caught.value.hint
    keyring.set_keyring(Locked())
    with pytest.raises(UsageError, match=r"cannot be used: locked .*asked for") as caught:
        load_settings(env)
    assert "PLANTED" not in str(caught.value)
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    with pytest.raises(UsageError, match="This system has no keyring") as caught:
        load_settings(env)
    assert "keyrings.alt" not in str(caught.value)


def test_keys_are_stored_shown_and_forgotten_and_never_seen(
    shell: CommandLine, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("# mine\nrate = 3\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{KEY}\n"))
    ran = shell.run("keys", "set", "stripe_key")
    assert (ran.code, ran.out) == (0, "")
    assert "keyring (service ghl-triage, user stripe_key)" in ran.err
    assert vault.held == {"ghl-triage/stripe_key": KEY}
    text = (tmp_path / "config.toml").read_text()
    assert text.startswith("# mine\nrate = 3\n")
    assert 'stripe_key = {keyring = "ghl-triage"}' in text
    assert load_settings({"GHL_TRIAGE_HOME": str(tmp_path)}).stripe_key == KEY

    shown = shell.run("keys", "show", HIGHLEVEL_TOKEN="pit-PLANTED-environment")
    assert shown.out.splitlines() == [
        "stripe_key              keyring (service ghl-triage, user stripe_key)",
        "highlevel_token         environment (HIGHLEVEL_TOKEN)",
        "highlevel_agency_token  not set",
    ]
    assert shell.run("keys", "show", "stripe_key", "--json").document["keys"].keys() == {"stripe_key"}

    forgotten = shell.run("keys", "forget", "stripe_key")
    assert (forgotten.code, vault.held) == (0, {})
    assert (tmp_path / "config.toml").read_text() == "# mine\nrate = 3\n"
    assert "holds no stripe_key" in shell.run("keys", "forget", "stripe_key").err
    for each in (ran, shown, forgotten):
        assert "PLANTED" not in each.out + each.err


def test_a_key_as_an_argument_is_refused_and_not_repeated(shell: CommandLine, vault: Vault) -> None:
    for words in ((KEY,), ("--", KEY), (f"--key={KEY}",)):
        ran = shell.run("keys", "set", "stripe_key", *words)
        assert ran.code == 2
        assert "never an argument" in ran.err
        assert "PLANTED" not in ran.err
    for words in ((KEY,), ("set", KEY)):
        ran = shell.run("keys", *words)
        assert (ran.code, "PLANTED" in ran.err) == (2, False)
    assert vault.held == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "No key"),
        ("a b", "no key has"),
        ("k" * 5_000, "too long"),
        ("pk_test_1", "publishable"),
        ("pit-PLANTED0", "another system"),
    ],
)
def test_what_is_no_key_is_not_stored(
    shell: CommandLine, vault: Vault, monkeypatch: pytest.MonkeyPatch, given: str, said: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    ran = shell.run("keys", "set", "stripe_key")
    assert (ran.code, vault.held) == (2, {})
    assert said in ran.err


@pytest.mark.parametrize(
    ("variable", "key"), [("STRIPE_API_KEY", "pit-PLANTED0"), ("HIGHLEVEL_TOKEN", KEY), ("HIGHLEVEL_AGENCY_TOKEN", KEY)]
)
def test_no_system_is_sent_the_key_of_another_one(tmp_path: Path, variable: str, key: str) -> None:
    with pytest.raises(UsageError, match=f"{variable}.*another system: it was sent nowhere") as caught:
        load_settings({"GHL_TRIAGE_HOME": str(tmp_path), "STRIPE_API_KEY": "rk_test_1"} | {variable: key})
    assert "PLANTED" not in str(caught.value)


def test_a_keyring_that_guards_nothing_gets_nothing(
    shell: CommandLine, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawer = OpenDrawer()
    keyring.set_keyring(drawer)
    monkeypatch.setattr(sys, "stdin", io.StringIO(KEY))
    ran = shell.run("keys", "set", "stripe_key")
    assert (ran.code, drawer.held) == (2, {})
    assert "no keyring that guards" in ran.err


def test_a_key_that_a_command_gives_is_not_stored_beside_it(shell: CommandLine, vault: Vault, tmp_path: Path) -> None:
    written(tmp_path, "[secrets]\nstripe_key = { command = 'op read op://vault/stripe/key' }")
    assert "op://vault/stripe/key" in shell.run("keys", "show").out
    for command in ("set", "forget"):
        ran = shell.run("keys", command, "stripe_key")
        assert ran.code == 2
        assert "from a command (op read op://vault/stripe/key)" in ran.err


def test_a_command_asks_once_however_often_it_needs_its_settings(
    shell: CommandLine, vault: Vault, tmp_path: Path
) -> None:
    vault.held = {"acme/stripe_key": "rk_test_once"}
    env = written(tmp_path, "[secrets]\nstripe_key = { keyring = 'acme' }")
    Writer(remember_database(load_settings(env), "acct_1")).close()
    vault.asked.clear()
    ran = shell.run("resend-link", "path:api")
    assert "No case matches" in ran.err
    assert vault.asked == ["acme/stripe_key"]


def test_with_the_key_in_the_environment_nothing_of_this_is_imported(tmp_path: Path) -> None:
    code = (
        "import sys; from ghl_triage.config import load_settings; load_settings()\n"
        "names = ('keyring', 'subprocess', 'shlex', 'tomlkit')\n"
        "print([name for name in sys.modules if name.startswith('ghl_triage.secrets.') or name in names])"
    )
    env = {**written(tmp_path, 'rate = 3\nreturn_url = "https://acme.test"\n'), "STRIPE_API_KEY": KEY}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['ghl_triage.secrets.known']"
