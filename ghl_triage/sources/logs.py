"""What libraries log of our requests, whoever listens: nothing of headers, bodies and keys."""

from __future__ import annotations

import logging

from ghl_triage.breakdown import told
from ghl_triage.secrets.hiding import hide

TALKATIVE = ("httpx", "httpcore", "stripe")
"""They log addresses, headers and, the SDK, whole bodies: client secrets and links among them."""


class _Masked(logging.Filter):
    """Takes secrets out of what asyncio says of tasks that failed, and in debug mode of all of them."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = hide(record.getMessage()), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text, record.exc_info = told(record.exc_info[1]).rstrip(), None
        return True


_MASKED = _Masked()


def quiet() -> None:
    """Keep the libraries' logs free of secrets, whatever level a log is set to. Doing it again changes nothing."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("asyncio").addFilter(_MASKED)
