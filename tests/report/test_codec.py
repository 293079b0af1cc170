"""What the command reckoned is what the app shows."""

from __future__ import annotations

import pytest
from hypothesis import given

from ghl_triage.report import codec
from ghl_triage.report.document import Document
from tests.report.documents import documents
from tests.report.sample import AUDIT


@given(documents)
def test_a_document_comes_back_as_it_went(document: Document) -> None:
    assert codec.from_json(codec.to_json(document)) == document


def test_a_whole_report_comes_back_as_it_went() -> None:
    assert codec.from_json(codec.to_json(AUDIT)) == AUDIT


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"title": "", "subtitle": "", "blocks": [{"kind": "movie"}]}'])
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        codec.from_json(data)
