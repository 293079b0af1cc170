"""Idempotency keys by themselves: what is kept, what is refused, for how long."""

from __future__ import annotations

import pytest

from ghl_triage.sandbox.engine.api import StripeError
from ghl_triage.sandbox.http.idempotency import Idempotency
from ghl_triage.sandbox.http.reply import Reply

PAY = "/v1/invoices/in_1/pay"
DAY = 86_400


def put(
    keys: Idempotency, reply: Reply | None, *, key: str = "k", path: str = PAY, off: str = "true", now: int = 0
) -> Reply | None:
    """One request; returns the stored reply where there was one."""
    with keys.use(key, path, {"off_session": off}, now=now, request_id="req_1") as slot:
        if slot.stored is None:
            slot.new = reply
        return slot.stored


def test_a_result_is_given_again_whatever_it_was() -> None:
    keys, declined = Idempotency(), Reply(402, b"declined")
    assert put(keys, declined) is None
    assert put(keys, Reply(200, b"paid")) is declined


def test_a_key_is_free_again_after_a_day() -> None:
    keys = Idempotency()
    put(keys, Reply(402, b"declined"))
    assert put(keys, Reply(200, b"paid"), now=DAY - 1) is not None
    assert put(keys, Reply(200, b"paid"), now=DAY) is None


def test_a_request_that_never_ran_leaves_no_result() -> None:
    keys = Idempotency()
    put(keys, None)
    assert put(keys, Reply(200, b"paid")) is None


@pytest.mark.parametrize("other", [{"off": "false"}, {"path": "/v1/invoices/in_2/pay"}])
def test_a_key_names_one_request(other: dict[str, str]) -> None:
    keys = Idempotency()
    put(keys, Reply(200, b"paid"))
    with pytest.raises(StripeError) as refused:
        put(keys, Reply(200, b"paid"), **other)  # type: ignore[arg-type]
    assert (refused.value.status, refused.value.type) == (400, "idempotency_error")


def test_a_key_in_use_is_a_conflict() -> None:
    keys = Idempotency()
    with keys.use("k", PAY, {"off_session": "true"}, now=0, request_id="req_1"):
        with pytest.raises(StripeError) as refused:
            put(keys, Reply(200, b"paid"))
        assert (refused.value.status, refused.value.code) == (409, "idempotency_key_in_use")
