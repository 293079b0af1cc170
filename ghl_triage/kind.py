"""A kind of subscription as the consultant sees it: a signature with all that is known of it, and its words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from ghl_triage.model import Confidence, LearnedName, Path, Signature
from ghl_triage.text import clean


@dataclass(frozen=True, slots=True)
class Kind:
    """One signature of the account as the consultant sees it; `number` is its place in the list, `id` stays.

    `automatic` says that, and from where, the application is known to be HighLevel's without anybody's word.
    """

    number: int
    id: str
    signature: Signature
    count: int
    attributed: tuple[tuple[Path, Confidence, int], ...]
    examples: tuple[str, ...]
    application_name: str = ""
    automatic: str = ""
    name: LearnedName | None = None


def identity(signature: Signature) -> str:
    """A short name for a signature that is the same in every list."""
    shape = "\0".join((signature.application, *signature.metadata, "", signature.description, signature.price))
    return blake2b(shape.encode(errors="replace"), digest_size=4).hexdigest()


def attributed_words(kinds: Iterable[Kind]) -> str:
    """How their subscriptions are attributed: `api strong`, or with counts where they differ."""
    counts: dict[str, int] = {}
    for kind in kinds:
        for path, confidence, count in kind.attributed:
            counts[f"{path} {confidence}"] = counts.get(f"{path} {confidence}", 0) + count
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{words} {count:,}" for words, count in sorted(counts.items(), key=lambda item: -item[1]))


def name_words(kind: Kind) -> str:
    """The kind's name and path; where nobody named it, what is known of its application."""
    if kind.name is not None:
        return clean(f"{kind.name.name} ({kind.name.path})")
    return f"HighLevel, {kind.automatic}" if kind.automatic else ""
