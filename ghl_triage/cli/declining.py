"""`ghl-triage report declines`: refused payments by code, advice, card and path."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghl_triage.cli import formats
from ghl_triage.cli.context import open_reader, settings_of, store_now
from ghl_triage.cli.grouping import columns_of

if TYPE_CHECKING:
    from ghl_triage.report.declines import Declines


@click.command()
@click.argument("filter_words", metavar="[FILTER]", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every subscription, not only failing and at risk.")
@click.option("--by", metavar="COLUMNS", help="Also these columns together, for example code,path.")
@formats.options("text", "md", "html", "json", "csv")
@click.pass_context
def declines(
    context: click.Context,
    filter_words: tuple[str, ...],
    everything: bool,
    by: str | None,
    format: str | None,
    output: Path | None,
) -> None:
    """Refused payments by code, advice, brand, funding, country and path, and when a card may be tried again."""
    from ghl_triage.report.declines import read
    from ghl_triage.report.declines_document import document
    from ghl_triage.report.display import Display
    from ghl_triage.store.filters import parse, to_sql
    from ghl_triage.store.groups import GROUPINGS

    settings = settings_of(context)
    columns = columns_of(by, GROUPINGS) if by else ()
    text = " ".join(filter_words)
    with open_reader(settings) as reader:
        now, account = store_now(reader), reader.account()
        query = parse(text)
        where = to_sql(query, now, default_queue=not everything)
        view = read(reader, where, columns, beside=to_sql(query, now, default_queue=False))
    about = (account.label if account else "", text or ("all subscriptions" if everything else "failing and at risk"))
    display = Display(settings.timezone, settings.locale)
    subtitle = ", ".join(filter(None, (*about, display.moment(now))))
    formats.emit(
        document(view, subtitle=subtitle, display=display),
        view,
        format=format,
        output=output,
        csv=lambda: declines_csv(view),
    )


def declines_csv(view: Declines) -> str:
    """One line for each code, or each combination that `--by` asks for; amounts in minor units, a column a currency."""
    from ghl_triage.output import csv_text
    from ghl_triage.report.declines import retry_rule

    columns = view.columns or ("code",)
    lines = [(share.values, share.cases, share.amounts) for share in view.together]
    if not view.columns:
        lines = [((row.code,), row.cases, row.amounts) for row in view.codes]
    currencies = sorted(view.amounts)
    rows = []
    for values, cases, amounts in lines:
        named = dict(zip(columns, values, strict=True))
        code, advice = named.get("code", ""), named.get("advice", "")
        rule = retry_rule(code, advice) if code or advice else ""
        money = [amounts.get(currency, 0) for currency in currencies]
        rows.append((*values, cases, *money, rule))
    return csv_text((*columns, "cases", *(f"amount_{currency}" for currency in currencies), "same_card_again"), rows)
