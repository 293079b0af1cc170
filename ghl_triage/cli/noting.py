"""`ghl-triage note` and `tag`: what the consultant wants to remember of cases; it stays on this machine."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ghl_triage.cli.acting import chosen
from ghl_triage.cli.context import open_path, open_reader, say, settings_of, store_now, tell
from ghl_triage.errors import UsageError


@click.command()
@click.argument("id_or_email")
@click.argument("text", nargs=-1, required=True)
@click.pass_context
def note(context: click.Context, id_or_email: str, text: Sequence[str]) -> None:
    """Keep a note on one case: `show` and the case's screen print it."""
    from ghl_triage.store.writer import Writer

    settings, said = settings_of(context), " ".join(text).strip()
    if not said:
        raise UsageError("A note wants a text.")
    with open_reader(settings) as reader:
        found = chosen(reader, [id_or_email])
        now = store_now(reader)
    if len(found) != 1:
        raise UsageError(f"{len(found)} cases match, a note is for one.", hint="Name its subscription (sub_…).")
    with Writer(open_path(settings)) as writer:
        writer.add_note(found[0], said, now)
    say(f"Noted on {found[0]}.")


@click.command()
@click.argument("cases", metavar="[FILTER|IDS]", nargs=-1)
@click.option("--add", multiple=True, metavar="TAG", help="Give the cases this tag; may stand several times.")
@click.option("--remove", multiple=True, metavar="TAG", help="Take this tag away; may stand several times.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def tag(context: click.Context, cases: Sequence[str], add: Sequence[str], remove: Sequence[str], as_json: bool) -> None:
    """Give cases tags of your own, which `tag:` in a filter finds; or take them away."""
    from ghl_triage import output
    from ghl_triage.store.writer import Writer
    from ghl_triage.text import clean, plural

    if not any(each.strip() for each in (*add, *remove)):
        raise UsageError("Which tag is meant?", hint="Give --add TAG or --remove TAG.")
    settings = settings_of(context)
    with open_reader(settings) as reader:
        subscriptions = chosen(reader, cases)
    with Writer(open_path(settings)) as writer:
        writer.change_tags(subscriptions, add=add, remove=remove)
    with open_reader(settings) as reader:
        tags = {subscription: reader.tags(subscription) for subscription in subscriptions}
        now = store_now(reader)
    if as_json:
        told = [{"subscription": subscription, "tags": known} for subscription, known in tags.items()]
        click.echo(output.to_json({"at": now, "cases": told}))
        return
    for subscription, known in tags.items():
        tell(f"{subscription}  {clean(', '.join(known)) or '–'}")
    say(f"{plural(len(tags), 'case')} changed.")
