"""`ghl-triage confirm`: what the consultant read in the settings, kept beside what this program infers."""

from __future__ import annotations

from dataclasses import asdict, replace

import click

from ghl_triage.cli.context import open_path, say, settings_of, tell
from ghl_triage.errors import UsageError

_KEYS = {
    "retry-policy": "retry_policy",
    "stripe-emails": "stripe_emails",
    "highlevel-workflows": "highlevel_workflows",
}
_LONGEST = 500
"""Characters of one word of the consultant's: it stands in a report, on one line."""


@click.command()
@click.argument("what", type=click.Choice(list(_KEYS)), required=False)
@click.argument("text", required=False)
@click.option("--forget", is_flag=True, help="Take your word on it back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def confirm(context: click.Context, what: str | None, text: str | None, forget: bool, as_json: bool) -> None:
    """Say what else acts on these customers, as you read it in the settings: the audit shows it as confirmed.

    For example: ghl-triage confirm retry-policy "Smart Retries, 8 tries in 2 weeks, then cancel". Without TEXT it
    shows what was said. The words stand in a file beside the store, and never reach Stripe or HighLevel.
    """
    from ghl_triage import output, workspace_edit, workspace_file
    from ghl_triage.text import clean

    path = workspace_file.beside(open_path(settings_of(context)))
    acts = workspace_file.load(path).acts
    if forget and (what is None or text):
        raise UsageError("--forget wants to know which word, and nothing else.")
    if what is not None and (text or forget):
        said = clean(text or "")
        if not said and not forget:
            raise UsageError("That text is empty.", hint="--forget takes your word back.")
        if len(said) > _LONGEST:
            raise UsageError(f"That is longer than {_LONGEST} characters.", hint="Say it in a sentence.")
        acts = replace(acts, **{_KEYS[what]: said})
        workspace_edit.confirm(path, acts)
    words = asdict(acts)
    if as_json:
        click.echo(output.to_json({"file": str(path), "acts": {key: said or None for key, said in words.items()}}))
        return
    for slug, key in _KEYS.items():
        tell(f"{slug}: {words[key] or '–'}")
    if not any(words.values()):
        say("Nothing was confirmed yet: `ghl-triage audit` shows what could be inferred.")
