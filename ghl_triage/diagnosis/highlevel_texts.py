"""What HighLevel knows of a case, in words."""

from __future__ import annotations

from ghl_triage.model import Case, Finding


def short(case: Case, *, lists_read: bool) -> str:
    """Contact and listing in a few words; "no contact" only where HighLevel was asked for one."""
    seen = case.highlevel
    if seen.subscription:
        return f"listed as {(seen.status or 'unknown').replace('_', ' ')}"
    not_listed = ", not listed" if lists_read else ""
    if Finding.CONTACT_AMBIGUOUS in case.findings:
        return f"several contacts{not_listed}"
    if seen.contact:
        return f"contact found{not_listed}"
    if Finding.CONTACT_MISSING in case.findings:
        return f"no contact{not_listed}"
    return "not listed" if lists_read else "not read"


def facts(case: Case, *, lists_read: bool) -> list[tuple[str, str]]:
    """Contact, listing and location, each with its name; what is not known has no line."""
    seen = case.highlevel
    found: list[tuple[str, str]] = []
    if Finding.CONTACT_AMBIGUOUS in case.findings:
        found.append(("contact", "several with this e-mail"))
    elif seen.contact or Finding.CONTACT_MISSING in case.findings:
        found.append(("contact", seen.contact or "none with this e-mail"))
    if seen.subscription:
        found.append(("listed", f"as {seen.status or 'unknown'} ({seen.subscription})"))
    elif lists_read:
        found.append(("listed", "no"))
    if seen.saas_location:
        found.append(("location", f"{seen.saas_location}, {mapping(case) or 'mapped to this subscription'}"))
    return found


def mapping(case: Case) -> str:
    """To what the customer's own location is mapped, where that is not this customer and this subscription."""
    seen = case.highlevel
    if seen.saas_location is None:
        return ""
    told = []
    if seen.saas_customer not in (None, case.customer):
        told.append(f"customer {seen.saas_customer}")
    if seen.saas_subscription != case.subscription:
        status = f" ({seen.saas_status.replace('_', ' ')})" if seen.saas_status else ""
        named = f"subscription {seen.saas_subscription}" if seen.saas_subscription else "no subscription"
        told.append(f"{named}{status}")
    return f"mapped to {' and '.join(told)}" if told else ""
