"""Our exceptions. Each says in one sentence what happened to which object, and in a hint what to do.

::

    TriageError                     exit 1
    ├── UsageError                  exit 2   bad arguments, no key, bad settings
    │   └── FilterError             exit 2   a filter that cannot be read, with the place of the fault
    ├── SourceError                 an API answered badly or not at all
    │   ├── NotAuthenticated        the key or token is wrong, expired or revoked
    │   ├── NotPermitted            a right is missing; names it as the API names it
    │   ├── NotFound                the object does not exist in this account and mode
    │   ├── RequestRefused          the API understood and said no (400, 402, 409, 422)
    │   ├── RateLimited             still limited after all the waiting we are ready to do
    │   └── Unreachable             no usable answer (reset, timed out, 5xx, cut off): a write's outcome is unknown
    ├── StoreError                  the SQLite file cannot be used
    │   ├── StoreNewer              written by a newer ghl-triage: refused, not touched
    │   ├── StoreForeign            no file of ours, or of another account or mode
    │   ├── StoreDamaged            a page of it, or what stands in a row, cannot be read
    │   └── StoreLocked             exit 4   another ghl-triage holds the write lock
    └── PlanPartlyFailed            exit 3   a plan ran and some cases failed
"""

from __future__ import annotations


class TriageError(Exception):
    """Something went wrong that the user should read about."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(TriageError):
    """The command was given wrongly, or something that it needs is not set."""

    exit_code = 2


class FilterError(UsageError):
    """A filter could not be read; `position` is the offset of the fault in the text, in characters."""

    def __init__(self, message: str, *, position: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position


class SourceError(TriageError):
    """An API answered badly or not at all.

    `status` is the HTTP status (None where there was no answer), `code` the API's own error code,
    `request_id` what the Dashboard's log is searched by.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.request_id = request_id

    def __str__(self) -> str:
        request = f"(request {self.request_id})" if self.request_id else ""
        return " ".join(part for part in (self.message, request, self.hint) if part)


class NotAuthenticated(SourceError):
    """The key or token is wrong, expired or revoked."""


class NotPermitted(SourceError):
    """A right is missing; `rights` are those that the API named, in its words."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        rights: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint, status=status, code=code, request_id=request_id)
        self.rights = rights


class NotFound(SourceError):
    """The object does not exist in this account and mode."""


class RequestRefused(SourceError):
    """The API understood the request and said no.

    `decline_code`, `advice_code` and `param` are Stripe's, where the answer holds them.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        decline_code: str | None = None,
        advice_code: str | None = None,
        param: str | None = None,
        replayed: bool = False,
    ) -> None:
        super().__init__(message, hint=hint, status=status, code=code, request_id=request_id)
        self.decline_code = decline_code
        self.advice_code = advice_code
        self.param = param
        self.replayed = replayed


class RateLimited(SourceError):
    """Still limited after all the waiting that we are ready to do."""


class Unreachable(SourceError):
    """No usable answer came; what a write did is unknown."""


class StoreError(TriageError):
    """The SQLite file cannot be used."""


class StoreNewer(StoreError):
    """The file was written by a newer ghl-triage."""


class StoreForeign(StoreError):
    """The file is not ours, or belongs to another account or mode."""


class StoreDamaged(StoreError):
    """A page of the file, or what stands in a row of it, cannot be read."""


class StoreLocked(StoreError):
    """Another ghl-triage holds the workspace's write lock; `holder` says who."""

    exit_code = 4

    def __init__(self, message: str, *, holder: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.holder = holder


class PlanPartlyFailed(TriageError):
    """A plan ran, and some of its cases failed."""

    exit_code = 3
