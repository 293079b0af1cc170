"""The client's own log: three shapes, bad lines, secrets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghl_triage.sources.logfile import BadLine, LogLine, parse, read_log

SUB, CUS = "sub_1DmjT1TGh7TrIaGe", "cus_MSdgeD4xaZWtVj"
REQUEST = "0a1b2c3d-1111-2222-3333-444455556666"


def line(record: Any, number: int = 1) -> LogLine:
    return parse(number, json.dumps(record).encode())


def test_the_native_shape_is_read() -> None:
    read = line({"ts": "2025-08-19T20:56:01.123Z", "level": "ERROR", "kind": "webhook", "status": 500,
                 "event_type": "invoice.paid", "subscription": SUB, "message": "no handler"}, 7)  # fmt: skip
    assert (read.at, read.number, read.ids) == (1_755_636_961, 7, (SUB,))
    assert read.failed
    assert read.text == "webhook invoice.paid 500 no handler"


def test_what_cloudwatch_exports_is_read_and_its_message_too() -> None:
    inner = {"level": "WARN", "message": "card saved", "customer": {"id": CUS}, "requestId": REQUEST}
    read = line(
        {"timestamp": 1_755_636_961_123, "message": json.dumps(inner) + "\n", "logStreamName": "s", "eventId": "e"}
    )
    assert (read.at, read.ids, read.request, read.text) == (1_755_636_961, (CUS,), REQUEST, "card saved")
    plain = line({"timestamp": 1_755_636_961_123, "message": f"2025-08-19T20:56:01Z\t{REQUEST}\tINFO\t{CUS}\n"})
    assert (plain.ids, plain.request) == ((CUS,), REQUEST)


def test_the_same_line_has_the_same_id_wherever_it_stands() -> None:
    one = {"timestamp": 1, "message": "a", "logStreamName": "s", "eventId": "e1"}
    assert line(one).id == line({**one, "ingestionTime": 2}, 9).id
    assert line(one).id != line({**one, "eventId": "e2"}).id
    assert line({"ts": 5, "message": "a"}).id == line({"ts": 5, "message": "a"}, 4).id


@pytest.mark.parametrize(
    "message",
    [
        "client_secret is null",
        "clientSecret: undefined",
        'got {"client_secret":null}',
        "TypeError: Cannot read properties of null (reading 'client_secret')",
        "'NoneType' object has no attribute 'client_secret'",
        "value should be a client secret of the form ${id}_secret_${secret}. You specified: null",
    ],
)
def test_a_client_secret_that_was_null_is_seen(message: str) -> None:
    read = line({"ts": 1_755_636_961, "customer": CUS, "message": message})
    assert read.null_secret
    assert read.failed


def test_it_is_seen_as_a_field_too_and_not_where_it_is_there() -> None:
    assert line({"ts": 1_755_636_961, "intent": {"id": "seti_1", "client_secret": None}}).null_secret
    for message in ("client_secret is not null", "created client_secret for null order", "secret is null"):
        assert not line({"ts": 1_755_636_961, "message": message}).null_secret


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_51abcDEF",
        "whsec_abcdef123456",
        "pi_123456789abc_secret_Xy9",
        "pit-1234-abcd-5678",
        "4242 4242 4242 4242",
    ],
)
def test_no_secret_leaves_the_parser(secret: str) -> None:
    records = (
        {"ts": 1, "message": f"got {secret} here {CUS}"},
        {"ts": 1, "message": {"deep": [secret]}, "customer": CUS},
    )
    for record in records:
        read = line({**record, "ts": 1_755_636_961})
        assert secret not in repr(read)
        assert read.ids[-1] == CUS


def test_passwords_and_tokens_are_hidden_by_their_names() -> None:
    read = line({"ts": 1_755_636_961, "message": 'password="hunter2" Authorization: Bearer abc.def token=xyz'})
    assert not {"hunter2", "abc.def", "xyz"} & set(read.text.replace('"', " ").split())
    assert "hunter2" not in read.text


@pytest.mark.parametrize(
    "raw", [b"START RequestId", b"[1]", b"{}", b'{"ts": null}', b'{"ts": "yesterday"}', b"\xff\xfe", b'{"ts": true}']
)
def test_a_line_that_cannot_be_read_says_so(raw: bytes) -> None:
    with pytest.raises(BadLine):
        parse(1, raw)


def test_a_message_of_any_depth_is_told() -> None:
    deep: object = "cus_123456789"
    for _ in range(400):
        deep = [deep]
    assert line({"ts": 1_755_636_961, "message": deep}).text == "nested too deeply to be told"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
NAMES = st.sampled_from(
    ["ts", "timestamp", "message", "level", "status", "client_secret", "eventId", "requestId", "error"]
)
RECORDS = st.dictionaries(
    NAMES,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)),
    max_size=6,
)


@given(st.binary(max_size=200) | RECORDS.map(lambda record: json.dumps(record).encode()))
def test_no_line_is_a_crash(raw: bytes) -> None:
    try:
        read = parse(1, raw)
    except BadLine:
        return
    assert 0 < read.at <= 253_402_300_799
    assert "\n" not in read.text
    assert read == parse(1, raw)


def written(path: Path, lines: list[str]) -> Path:
    data = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["app.log", "app.log.gz"])
def test_a_line_without_a_name_has_that_of_its_request(tmp_path: Path, name: str) -> None:
    stamp = 1_755_636_961_000
    path = written(
        tmp_path / name,
        [
            json.dumps({"timestamp": stamp, "message": f"{REQUEST} client_secret is null", "eventId": "1"}),
            "",
            "no json",
            json.dumps({"timestamp": stamp, "message": f"{REQUEST} customer {CUS}", "eventId": "2"}),
            json.dumps({"timestamp": stamp, "message": "somebody else", "eventId": "3"}),
        ],
    )
    entries = list(read_log(path))
    assert [entry.number for entry in entries] == [1, 3, 4, 5]
    first, bad, _, last = entries
    assert first.line is not None
    assert (first.line.ids, first.line.null_secret) == ((CUS,), True)
    assert bad.line is None
    assert last.line is not None
    assert not last.line.names_somebody
