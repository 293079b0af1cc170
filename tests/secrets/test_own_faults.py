"""Where the program itself is at fault, or a library logs, nothing is said of what it held."""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
import threading
from pathlib import Path

import httpx
import pytest
import stripe

from ghl_triage.breakdown import guard, told
from ghl_triage.clock import SystemClock
from ghl_triage.config import Settings, load_settings, remember_database
from ghl_triage.errors import SourceError
from ghl_triage.secrets.known import hold
from ghl_triage.sources.stripe import StripeReader, stripe_reader
from ghl_triage.sources.stripe_writes import StripeWriter
from ghl_triage.store.reader import Reader
from ghl_triage.store.writer import Writer
from tests.command_line import CommandLine
from tests.secrets.planting import AGENCY_TOKEN, STRIPE_KEY, TEXT, leaks


def failing(text: str) -> RuntimeError:
    """A fault with a secret in its words, in its cause, in a note and in a variable."""
    key = text
    try:
        try:
            raise ValueError(key)
        except ValueError as cause:
            cause.add_note(f"noted: {key}")
            raise RuntimeError(f"broke with {key}\x1b[2J") from cause
    except RuntimeError as fault:
        return fault


def test_a_fault_is_told_with_its_place_and_without_secrets() -> None:
    hold(AGENCY_TOKEN, STRIPE_KEY)
    said = told(failing(TEXT))
    assert "RuntimeError: broke with" in said
    assert "ValueError" in said
    assert "noted:" in said
    assert "test_own_faults.py" in said
    assert "PLANTED" not in said
    assert "\x1b" not in said


def test_a_command_that_breaks_off_says_where_and_nothing_of_what_it_held(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"STRIPE_API_KEY": STRIPE_KEY, "GHL_TRIAGE_HOME": str(tmp_path)}
    Writer(remember_database(load_settings(environment), "acct_1")).close()

    def broken(*_: object) -> None:
        raise failing(TEXT)

    monkeypatch.setattr(Reader, "__init__", broken)
    ran = CommandLine(environment, capsys).run("cases")
    assert ran.code == 1
    assert "RuntimeError" in ran.err
    assert "ghl-triage resume" in ran.err
    assert leaks(tmp_path, {"out": ran.out, "err": ran.err}) == []


def test_faults_of_threads_and_of_the_exit_are_told_the_same_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    guard()

    def fail() -> None:
        raise failing(TEXT)

    class Dropped:
        def __del__(self) -> None:
            raise failing(TEXT)

    thread = threading.Thread(target=fail, name="store")
    thread.start()
    thread.join()
    dropped = Dropped()
    del dropped
    fault = failing(TEXT)
    sys.excepthook(type(fault), fault, fault.__traceback__)
    printed = capsys.readouterr().err
    assert "In store:" in printed
    assert "Ignored in function" in printed
    assert printed.count("RuntimeError: broke with") == 3
    assert "PLANTED" not in printed
    assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0


def test_hooks_that_somebody_else_has_set_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = (lambda *_: None, lambda *_: None, lambda *_: None)
    monkeypatch.setattr(sys, "excepthook", theirs[0])
    monkeypatch.setattr(threading, "excepthook", theirs[1])
    monkeypatch.setattr(sys, "unraisablehook", theirs[2])
    guard()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == theirs


def answering(request: httpx.Request) -> httpx.Response:
    """Stripe, with a secret in everything."""
    body = {
        "id": "in_1",
        "object": "invoice",
        "client_secret": "PLANTED",
        "hosted_invoice_url": "https://x.test/PLANTED",
    }
    if request.url.path.endswith("/cus_refused"):
        return httpx.Response(400, json={"error": {"message": TEXT, "type": "invalid_request_error"}})
    return httpx.Response(200, json=body, headers={"set-cookie": "PLANTED", "request-id": "req_1"})


def readers() -> tuple[StripeReader, StripeWriter]:
    handler = httpx.MockTransport(answering)
    reading = stripe_reader(STRIPE_KEY, "http://stripe.test", clock=SystemClock(), rate=0, handler=handler)
    return reading, StripeWriter(STRIPE_KEY, "http://stripe.test", handler=handler)


def test_no_log_and_no_representation_shows_what_was_sent_or_came_back(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hold(STRIPE_KEY)
    shown: list[object] = [Settings(STRIPE_KEY, "http://stripe.test", False, tmp_path, tmp_path, "pit-PLANTED0")]

    async def talk() -> None:
        reader, writer = readers()
        shown.extend([reader, reader.transport, writer])
        shown.append(await reader.transport.get("/v1/invoices/in_1"))
        shown.append(await writer.pay_invoice("in_1", {}, idempotency_key="k1"))
        for call in (
            reader.get("/v1/customers/cus_refused"),
            writer.update_customer("cus_refused", {}, idempotency_key="k2"),
        ):
            with pytest.raises(SourceError) as caught:
                await call
            shown.extend([caught.value, caught.value.args, told(caught.value), vars(caught.value)])
        await reader.close()
        await writer.close()
        asyncio.get_running_loop().call_exception_handler({"message": "lost", "exception": failing(TEXT)})

    with caplog.at_level(logging.DEBUG):
        asyncio.run(talk(), debug=True)
    assert "lost" in caplog.text
    assert "RuntimeError" in caplog.text
    printed = capfd.readouterr()
    said = "\n".join([caplog.text, printed.out, printed.err, *map(repr, shown), *map(str, shown)])
    assert "PLANTED" not in said
    assert not stripe.log
