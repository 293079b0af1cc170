"""Finds secrets inside texts: keys, tokens, client secrets, pages that need no log-in."""

from __future__ import annotations

import re

from ghl_triage.secrets.known import held

HIDDEN = "[hidden]"
"""What stands where a secret stood inside a longer text."""

# Not in the middle of a word, unless what stands before is an escaped line break or a character encoded in an address.
_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))"
# Also as JSON writes a slash, inside a text that was itself written as JSON or TOML.
_SLASH = r"\\{0,4}/"
_REST = rf"(?:[^\s\"'<>\\]|{_SLASH})+"

_SECRETS = re.compile(
    rf"""
      {_START}(?:[srpe]k_(?:live|test|org)|whsec)_[\w*]+        # Stripe's keys, also as it masks them itself
    | [sr]k_(?:live|test)_[0-9A-Za-z]{{16,}}                    # the same, glued to another word
    | {_START}pit-[0-9A-Za-z-]{{6,}}                            # HighLevel's private integration tokens
    | {_START}eyJ[\w-]{{8,}}\.[\w-]+(?:\.[\w-]*)?               # JSON web tokens: HighLevel's OAuth tokens
    | {_START}(?:pi|seti|in|cs|src|vs|ps)_\w{{1,255}}?_secret_[\w%+/=*-]+  # client secrets
    | {_START}(?:cuss|accs|fcsess_client)_secret_[\w%+/=*-]+    # of sessions
    | {_START}(?:AKIA|ASIA)[0-9A-Z]{{16}}                       # keys of AWS, where custom code logs
    | (?<=[Bb]earer\s)\S+
    | (?<=[Aa]uthorization:\sBasic\s)\S+
    | (?<=:\/\/)[^\s/@:\"']{{1,200}}:[^\s/@\"']{{1,200}}(?=@)   # name and password in an address
    | https?:{_SLASH}{_SLASH}(?:[\w-]+\.)*stripe\.com{_SLASH}(?:i|c|p|g|b|r|pay|invoice|session|receipts){_SLASH}{_REST}
    | (?:https?:{_SLASH}{_SLASH})?(?<![\w.-])(?:invoice|checkout|billing|pay|pay-links|payments|buy|receipts?|hooks)
      \.stripe\.com{_SLASH}{_REST}
    | https?%3A%2F%2F[\w.-]*stripe\.com%2F\S+
    | https?:{_SLASH}{_SLASH}[\w.:-]+{_SLASH}                   # the same pages under a seller's own domain
      (?:[cg]{_SLASH}pay{_SLASH}|p{_SLASH}session{_SLASH}|i{_SLASH}acct_){_REST}
    | https?:{_SLASH}{_SLASH}\S{{0,500}}?(?:client_secret|_secret_|access_token)\S*
    """,
    re.VERBOSE,
)


def hide(text: str) -> str:
    """The text without secrets: those that this process holds, and whatever has the form of one."""
    for secret in held():
        if secret in text:
            text = text.replace(secret, HIDDEN)
    return _SECRETS.sub(HIDDEN, text)


def shows(text: str) -> bool:
    """Whether a secret stands in the text."""
    return any(secret in text for secret in held()) or _SECRETS.search(text) is not None
