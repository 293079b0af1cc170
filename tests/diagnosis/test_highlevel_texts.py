"""What HighLevel knows of a case, in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ghl_triage.diagnosis import highlevel_texts
from tests.diagnosis.build import NOW, World, failing


def met(*contacts: str, asked: bool = True) -> World:
    world = failing()
    world.extra |= {"highlevel_contacts": contacts, "contacts_read_at": NOW if asked else None}
    return world


def listed() -> World:
    world = failing()
    world.listed("sub_1", status="past_due")
    return world


def mapped(customer: str | None, subscription: str | None, word: str | None = None) -> World:
    world = failing()
    world.location(customer, subscription, subscriptionInfo={"subscriptionStatus": word})
    return world


@pytest.mark.parametrize(
    ("build", "read", "said"),
    [
        (listed, True, "listed as past due"),
        (lambda: met("c1"), True, "contact found, not listed"),
        (lambda: met("c1"), False, "contact found"),
        (lambda: met("c1", "c2"), True, "several contacts, not listed"),
        (met, True, "no contact, not listed"),
        (lambda: met(asked=False), True, "not listed"),
        (lambda: met(asked=False), False, "not read"),
    ],
)
def test_no_contact_is_said_only_where_one_was_asked_for(build: Callable[[], World], read: bool, said: str) -> None:
    assert highlevel_texts.short(build().case(), lists_read=read) == said


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (mapped("cus_jane", "sub_1"), ""),
        (mapped(None, "sub_1"), ""),
        (mapped("cus_x", "sub_1"), "mapped to customer cus_x"),
        (mapped("cus_jane", None, "on_hold"), "mapped to no subscription (on hold)"),
        (mapped("cus_x", "sub_x", "canceled"), "mapped to customer cus_x and subscription sub_x (canceled)"),
        (failing(), ""),
    ],
)
def test_the_mapping_is_told_where_it_is_another_one(world: World, said: str) -> None:
    assert highlevel_texts.mapping(world.case()) == said


def test_the_facts_name_contact_listing_and_location() -> None:
    world = mapped("cus_x", "sub_1")
    world.listed("sub_1", _id="hl_1", status="active", contactId="c1")
    assert highlevel_texts.facts(world.case(), lists_read=True) == [
        ("contact", "c1"),
        ("listed", "as active (hl_1)"),
        ("location", "loc_1, mapped to customer cus_x"),
    ]
    assert highlevel_texts.facts(met().case(), lists_read=True) == [
        ("contact", "none with this e-mail"),
        ("listed", "no"),
    ]
    assert highlevel_texts.facts(failing().case(), lists_read=False) == []
