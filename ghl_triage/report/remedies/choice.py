"""Which remedies an account needs: those whose causes or findings occur on their path, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ghl_triage.model import Cause, Finding, Path
from ghl_triage.report.remedies import api, checkout, highlevel, messages
from ghl_triage.report.remedies.remedy import Remedy
from ghl_triage.report.rows import ReportCase

Causes: TypeAlias = Mapping[Path, Mapping[Cause, int]]
"""Cases by path and cause."""
Findings: TypeAlias = Mapping[Path, Mapping[Finding, int]]
"""Cases by path and finding; a case may have several."""

ALL: tuple[Remedy, ...] = (*api.REMEDIES, *checkout.REMEDIES, *highlevel.REMEDIES)
NO_CODE = frozenset({api.ASKS_AGAIN.slug, api.BILLING.slug, api.WEBHOOKS.slug})
"""Remedies of the API path to which the example has nothing to add."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A remedy that this account needs, with what asks for it: cases by cause, and by finding."""

    remedy: Remedy
    causes: Mapping[Cause, int]
    findings: Mapping[Finding, int]


def tally(cases: Iterable[ReportCase]) -> tuple[Causes, Findings]:
    """Cases by path and cause, and by path and finding."""
    causes: dict[Path, Counter[Cause]] = {path: Counter() for path in Path}
    findings: dict[Path, Counter[Finding]] = {path: Counter() for path in Path}
    for case in cases:
        if case.cause is not None:
            causes[case.path][case.cause] += 1
        findings[case.path].update(case.findings)
    return causes, findings


def choose(causes: Causes, findings: Findings) -> tuple[Chosen, ...]:
    """The remedies that something asks for, path by path in the order of a checkout."""
    chosen = (_of(remedy, causes, findings) for remedy in ALL)
    contacts = Chosen(highlevel.CONTACTS, {}, _anywhere(highlevel.CONTACTS.findings, findings))
    return tuple(each for each in (*chosen, contacts) if each.causes or each.findings)


def _of(remedy: Remedy, causes: Causes, findings: Findings) -> Chosen:
    of_path, found = causes.get(remedy.path, {}), findings.get(remedy.path, {})
    return Chosen(
        remedy,
        {cause: of_path[cause] for cause in Cause if cause in remedy.causes and of_path.get(cause)},
        {finding: found[finding] for finding in Finding if finding in remedy.findings and found.get(finding)},
    )


def _anywhere(wanted: frozenset[Finding], findings: Findings) -> dict[Finding, int]:
    total: Counter[Finding] = Counter()
    for found in findings.values():
        total.update({finding: count for finding, count in found.items() if finding in wanted})
    return dict(total)


def asks_for_example(chosen: Iterable[Chosen]) -> bool:
    """Whether the example of a custom checkout has something to say to this account."""
    return any(each.remedy.path is Path.API and each.remedy.slug not in NO_CODE for each in chosen)


def asks_for_messages(causes: Causes, findings: Findings) -> bool:
    """Whether "client_secret is null" may stand behind what was found on the API path, or was logged."""
    of_path = causes.get(Path.API, {})
    logged = _anywhere(frozenset({messages.LOGGED}), findings)
    return bool(logged) or any(of_path.get(cause) for cause in messages.ASKED_BY)


def not_listed(findings: Findings) -> int:
    """How many cases HighLevel's list does not show."""
    return sum(_anywhere(highlevel.LISTED_BY, findings).values())


def explained(causes: Causes, findings: Findings) -> dict[str, int]:
    """How many cases each of H1 to H6 explains; none at all where nothing of HighLevel's side was found.

    A card that is no default, or lies on another customer, says something about HighLevel's screen only where
    HighLevel's side shows trouble too: for itself it is the cause of the case.
    """
    seen = {each.mark: _anywhere(each.findings, findings) for each in highlevel.EXPLANATIONS if each.findings}
    if not any(seen.values()):
        return {}
    counts = {mark: sum(found.values()) for mark, found in seen.items()}
    for each in highlevel.EXPLANATIONS:
        for cause in each.causes:
            counts[each.mark] = sum(of_path.get(cause, 0) for of_path in causes.values())
    return counts
