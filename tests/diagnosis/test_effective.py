"""The charge order: every combination of the five levels."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from ghl_triage.diagnosis import parse
from ghl_triage.diagnosis.effective import defaults, effective
from ghl_triage.model import Level
from tests.diagnosis.build import World

ORDER = (
    Level.INVOICE,
    Level.SUBSCRIPTION,
    Level.SUBSCRIPTION_SOURCE,
    Level.CUSTOMER,
    Level.CUSTOMER_SOURCE,
)


def facts(levels: tuple[bool, ...], *, invoice_source: bool = False, status: str = "open") -> tuple[Any, Any, Any]:
    names = [f"pm_{level}" if on else None for level, on in zip(ORDER, levels, strict=True)]
    world = World()
    sub = world.sub(default_payment_method=names[1], default_source=names[2])
    own: dict[str, Any] = {"default_source" if invoice_source else "default_payment_method": names[0]}
    invoice = world.invoice(status=status, **own)
    world.customer |= {"invoice_settings": {"default_payment_method": names[3]}, "default_source": names[4]}
    return parse.invoice(invoice), parse.subscription(sub), parse.customer(world.customer)


@pytest.mark.parametrize("levels", list(product((False, True), repeat=5)))
@pytest.mark.parametrize("invoice_source", [False, True])
def test_the_first_level_that_is_set_is_charged(levels: tuple[bool, ...], invoice_source: bool) -> None:
    expected = [level for level, on in zip(ORDER, levels, strict=True) if on]
    set_levels = facts(levels, invoice_source=invoice_source)
    found = effective(*set_levels)
    assert (found.level if found else None) == (expected[0] if expected else None)
    assert [one.level for one in defaults(*set_levels)] == expected
    if found:
        assert found.id == f"pm_{found.level}"


def test_a_paid_invoice_names_no_default() -> None:
    found = effective(*facts((True, False, False, True, False), status="paid"))
    assert found is not None
    assert found.level is Level.CUSTOMER


def test_nothing_is_charged_without_objects() -> None:
    assert effective(None, None, None) is None
