"""HighLevel's side of a sync, end to end: what each story says of it, what is not seen, and how little is asked."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ghl_triage.model import Case, Finding
from ghl_triage.sandbox.server import SandboxOptions, app_of
from ghl_triage.sandbox.stories import STORIES, mapping
from ghl_triage.sandbox.world.build import World, build_plan
from ghl_triage.sandbox.world.plan import Plan, Variant, each_story
from tests.sandbox_server import NOW, SandboxServer
from tests.sync.conftest import Desk, desk_at

FINDINGS = frozenset(
    {
        Finding.NOT_IN_HIGHLEVEL,
        Finding.HIGHLEVEL_OTHER_CUSTOMER,
        Finding.HIGHLEVEL_STALE_SUBSCRIPTION,
        Finding.HIGHLEVEL_ACCOUNT_MISMATCH,
        Finding.CONTACT_MISSING,
        Finding.CONTACT_AMBIGUOUS,
    }
)
OPTIONS = SandboxOptions(now=NOW, rate_limit=False)


def mapping_stories() -> World:
    """The stories about HighLevel's side alone, each once."""
    told = [story for story in STORIES if story.tell.__module__ == mapping.__name__]
    variants = tuple(Variant(story, sum(story.days) / 2, number) for number, story in enumerate(told))
    made = sum(story.subscriptions for story in told)
    return build_plan(3, Plan(variants, array("H", range(len(variants))), made), NOW)


@pytest.fixture(scope="module")
def stories() -> Iterator[SandboxServer]:
    """A world in which each story is told once on each of its paths."""
    with SandboxServer(OPTIONS, app_of(build_plan(3, each_story(), NOW), OPTIONS)) as server:
        yield server


@pytest.fixture(scope="module")
def synced(stories: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace that has read it."""
    desk = desk_at(stories, tmp_path_factory.mktemp("synced"))
    progress = asyncio.run(desk.sync())
    assert (progress.missing, progress.failed_parts) == ((), ())
    return desk


def of_highlevel(case: Case) -> set[Finding]:
    return set(case.findings) & FINDINGS


def test_highlevels_findings_are_those_that_the_stories_say_no_more_and_no_less(
    stories: SandboxServer, synced: Desk
) -> None:
    labels = stories.labels()
    told = {name: {Finding(each) for each in label["findings"]} & FINDINGS for name, label in labels.items()}
    cases = synced.cases()
    wrong = {
        (labels[name]["story"], *sorted(of_highlevel(cases[name]) ^ findings))
        for name, findings in told.items()
        if of_highlevel(cases[name]) != findings
    }
    assert wrong == set()
    assert set.union(*told.values()) == FINDINGS, "every finding is in some story"
    shown = [case for case in cases.values() if Finding.HIGHLEVEL_OTHER_CUSTOMER in case.findings]
    for case in shown:
        proof = case.finding_evidence[Finding.HIGHLEVEL_OTHER_CUSTOMER]
        assert {case.highlevel.saas_customer, case.customer} == {each.value for each in proof}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"highlevel_agency_token": ""}, "no agency token (HIGHLEVEL_AGENCY_TOKEN)"),
        ({"highlevel_agency_token": "pit-wrong"}, "does not accept the agency token"),
        ({"highlevel_agency_token": "pit-sandbox-agency_without_saas/company.read"}, "SaaS mapping is not seen"),
        ({"highlevel_agency_token": "pit-sandbox-agency_without_companies.readonly"}, "Stripe account is not seen"),
        ({"highlevel_token": "pit-sandbox_without_workflows.readonly"}, "Workflows are not seen"),
        ({"highlevel_token": "pit-sandbox_without_contacts.readonly"}, "HighLevel contacts: "),
        ({"highlevel_company": "another"}, "SaaS mapping is not seen"),
    ],
)
@pytest.mark.anyio
async def test_a_right_that_is_missing_is_told_as_not_seen_and_is_no_error(
    world: SandboxServer, desk: Desk, changes: dict[str, str], said: str
) -> None:
    progress = await desk.but(**changes).sync()
    assert [line for line in progress.missing if said in line], progress.missing
    assert progress.failed_parts == ()
    assert progress.synced_at is not None
    assert "pit-" not in str(progress)
    assert world.counters()["highlevel"]["GET /payments/subscriptions"] == 1


@pytest.mark.anyio
async def test_the_agency_is_found_by_its_location_or_asked_for(world: SandboxServer, desk: Desk) -> None:
    without = "pit-sandbox-agency_without_locations.readonly"
    with_sellers_help = await desk.but(highlevel_agency_token=without).sync()
    assert with_sellers_help.missing == ()
    helpless = desk.but(highlevel_agency_token=without, highlevel_token="pit-sandbox_without_locations.readonly")
    helpless.forget("saas_mapping")
    progress = await helpless.sync()
    assert [line for line in progress.missing if "set HIGHLEVEL_COMPANY_ID" in line]
    told = replace(helpless.settings, highlevel_company=world.info()["highlevel_company_id"])
    assert (await Desk(told).sync()).missing == ()


@pytest.mark.anyio
async def test_the_mapping_is_read_without_a_location_where_the_agency_is_named(
    world: SandboxServer, desk: Desk
) -> None:
    company = world.info()["highlevel_company_id"]
    alone = desk.but(highlevel_token="", highlevel_location="", highlevel_company=company)
    progress = await alone.sync()
    assert [line for line in progress.missing if line.startswith("HighLevel: no token")]
    with alone.reader() as reader:
        assert reader.coverage().highlevel_mapping_read
        assert reader.counts()["highlevel_saas_location"] > 0


@pytest.mark.anyio
async def test_an_agency_that_does_not_answer_keeps_nobody_from_asking_for_contacts(
    world: SandboxServer, desk: Desk
) -> None:
    world.faults({"match": "GET /saas/", "kind": "500", "times": None})
    progress = await desk.sync()
    assert [part.name for part in progress.failed_parts] == ["HighLevel SaaS mapping"]
    assert progress.synced_at is not None
    assert any(Finding.CONTACT_MISSING in case.findings for case in desk.cases().values())
    world.clear_faults()
    assert (await desk.sync()).failed_parts == ()


@pytest.mark.anyio
async def test_records_and_accounts_are_asked_for_once(stories: SandboxServer, synced: Desk) -> None:
    stories.reset_counters()
    for cursor in ("highlevel", "saas_mapping"):
        synced.forget(cursor)
    await synced.sync()
    asked = stories.counters()["highlevel"]
    assert "GET /saas/get-saas-subscription/{id}" not in asked
    assert "GET /payments/subscriptions/{id}" not in asked
    assert asked["GET /saas/saas-locations/{id}"] >= 1


@pytest.mark.anyio
async def test_an_agency_of_another_stripe_account_is_told_on_every_mapped_case(tmp_path: Path) -> None:
    town = mapping_stories()
    town.highlevel.company_account = "acct_another"
    with SandboxServer(OPTIONS, app_of(town, OPTIONS)) as server:
        desk = desk_at(server, tmp_path)
        await desk.sync()
    mapped = [case for case in desk.cases().values() if case.highlevel.saas_location and case.status != "canceled"]
    assert mapped
    for case in mapped:
        proof = case.finding_evidence[Finding.HIGHLEVEL_ACCOUNT_MISMATCH]
        assert "acct_another" in {each.value for each in proof}


def test_strangers_and_workflows_are_there_for_the_audit(synced: Desk) -> None:
    with synced.reader() as reader:
        why = sorted(row.why for row in reader.highlevel_strangers())
        flows = [(flow.name, flow.published) for flow in reader.highlevel_workflows()]
    assert why == ["other_mode", "other_provider", "unknown_here"]
    assert [published for _, published in flows] == [True, True, False]
