"""A report with every kind of block, of the length and the words that real ones have."""

from __future__ import annotations

from ghl_triage.report.document import (
    Bar,
    BarChart,
    Bullets,
    Code,
    Column,
    Document,
    Heading,
    LineChart,
    Paragraph,
    Series,
    Table,
)

WEEKS = tuple(f"2025-W{week:02}" for week in range(36, 48))

AUDIT = Document(
    "Why trials fail: Course Creator 360",
    "Stripe account acct_1Demo, TEST · made Nov 22 2025 08:02 UTC · 1,204 trials that ended Sep 01 to Nov 20",
    (
        Paragraph(
            "One trial in four fails at its first charge outside HighLevel, one in forty on HighLevel's own path.",
            "strong",
        ),
        Paragraph("Customers are shown by a masked e-mail address; every id can be looked up in Stripe's Dashboard."),
        Heading("Causes by money at risk"),
        Table(
            "Cause and path",
            (
                Column("Cause"),
                Column("Path"),
                Column("Cases", "right"),
                Column("Share", "right"),
                Column("At risk", "right"),
                Column("Who must act"),
            ),
            (
                ("card not default", "api", "121", "29.2 %", "$11,737.00 ¥4,000", "You: make the card the default"),
                ("no off-session setup", "api", "77", "18.6 %", "$7,469.00", "The customer; for good the developer"),
                ("generic decline", "checkout", "31", "7.5 %", "$3,007.00", "You: retry, then send the link"),
                ("unknown", "unknown", "1", "0.2 %", "$97.00", "You: look at it in the Dashboard"),
            ),
            "Shares are of all failing and at-risk cases. Two currencies are never added up.",
        ),
        Heading("card not default, api", 3),
        Bullets(
            (
                "sub_1QAbCdEfGhIjKlMn j***@acme.test: customer.invoice_settings.default_payment_method = null; "
                "pm_1QXyZ attached Oct 21 09:14; 0 charges tried",
                "sub_1QBbCdEfGhIjKlMn b***@river.test: the same; pm_1QXyA attached Oct 22 11:40",
            )
        ),
        Bullets(("D makes the card the default.", "R retries what is open.", "Deploy the correct sequence."), True),
        Heading("First charges by how the card was saved"),
        BarChart(
            "Share of first charges that failed",
            (
                Bar("api, not set up off-session", 0.412, "41.2 % (35.1–47.6), 96 of 233", 0.351, 0.476),
                Bar("api, set up off-session", 0.061, "6.1 % (3.2–11.2), 9 of 148", 0.032, 0.112),
                Bar("HighLevel", 0.025, "2.5 % (1.4–4.4), 11 of 440", 0.014, 0.044),
            ),
            0.5,
        ),
        Heading("When it began"),
        LineChart(
            "First charges that failed, by week of sign-up",
            WEEKS,
            (
                Series(
                    "api",
                    (0.05, 0.06, 0.04, 0.07, 0.21, 0.26, 0.24, 0.27, 0.25, None, 0.24, 0.26),
                    ("5 %", "6 %", "4 %", "7 %", "21 %", "26 %", "24 %", "27 %", "25 %", "–", "24 %", "26 %"),
                ),
                Series(
                    "highlevel",
                    (0.02, 0.03, 0.02, 0.02, 0.03, 0.02, 0.03, 0.02, 0.02, 0.03, 0.02, 0.03),
                    ("2 %", "3 %", "2 %", "2 %", "3 %", "2 %", "3 %", "2 %", "2 %", "3 %", "2 %", "3 %"),
                ),
            ),
        ),
        Heading("What to change in code"),
        Code(
            "setup = stripe.v1.setup_intents.create(\n"
            "    {\n"
            '        "customer": customer,\n'
            '        "usage": "off_session",  # the first charge comes in 30 days\n'
            "    }\n"
            ")\n"
        ),
        Paragraph("Rates are with 95 % Wilson intervals; see docs/metrics.md.", "note"),
    ),
)

CONVERSION = Document(
    "Conversion of trials: Course Creator 360",
    "TEST · made Nov 22 2025 08:02 UTC · by week of trial end, Sep 01 to Nov 20",
    (
        Paragraph(
            "Of the trials sold through the API, 71.2 % are paid; of HighLevel's, 94.5 %. The difference is real "
            "(95 % interval of the ratio 0.70 to 0.81).",
            "strong",
        ),
        Heading("By path"),
        Table(
            "",
            (
                Column("Path"),
                Column("Trials", "right"),
                Column("First try", "right"),
                Column("Later", "right"),
                Column("Open", "right"),
                Column("Lost", "right"),
                Column("Canceled", "right"),
                Column("No card", "right"),
                Column("Paid", "right"),
            ),
            (
                ("highlevel", "440", "398", "18", "5", "6", "9", "4", "94.5 % (92.0–96.3)"),
                ("checkout", "212", "160", "14", "11", "12", "10", "5", "82.1 % (76.3–86.7)"),
                ("api", "381", "233", "38", "47", "31", "14", "18", "71.2 % (66.4–75.5)"),
            ),
            "The six states add up to the trials.",
        ),
        BarChart(
            "Paid by now",
            (
                Bar("highlevel", 0.945, "94.5 % of 440", 0.92, 0.963),
                Bar("checkout", 0.821, "82.1 % of 212", 0.763, 0.867),
                Bar("api", 0.712, "71.2 % of 381", 0.664, 0.755),
            ),
            1.0,
        ),
        Heading("By week"),
        LineChart(
            "Paid, by week of trial end",
            WEEKS[-6:],
            (
                Series(
                    "highlevel", (0.95, 0.94, 0.96, 0.93, 0.95, 0.94), ("95 %", "94 %", "96 %", "93 %", "95 %", "94 %")
                ),
                Series(
                    "api", (0.71, 0.70, 0.74, 0.69, 0.78, None), ("71 %", "70 %", "74 %", "69 %", "78 %", "not mature")
                ),
            ),
            1.0,
        ),
    ),
)
