"""Why no answer came: the reasons of failures, and what a network error means."""

from datetime import datetime
from typing import Final

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

AGAIN: Final = frozenset({"dns", "refused", "timeout", "broken", "cut_short", "unreachable"})
"""Failures that may pass; asked again."""

CLOSED: Final = frozenset({"breaker", "down", "waiting", "login"})
"""The site is not asked for now: asking its other pages is of no use either."""

REFUSED: Final = frozenset({"robots", "breaker", "waiting", "login"})
"""The site said no. What else comes to nothing is an answer that did not come; so is ``down``, the
breaker of a host that failed or was silent."""


class Unanswered(Exception):
    """No answer came, or the site was not asked. *why* becomes `Failure.why`.

    dns, refused, timeout, tls, broken, cut_short, unreachable: on the way. too_large, redirect,
    bad_address: not accepted. robots, breaker, down, waiting, login: not asked. ignored: the site
    does not answer what it is asked. *until*: when it may be asked again, where that is known.
    """

    def __init__(self, why: str, detail: str = "", *, until: datetime | None = None) -> None:
        self.why, self.detail, self.until = why, detail, until
        super().__init__(f"{why}: {detail}" if detail else why)


def told(error: Exception, limit_bytes: int) -> Unanswered:  # noqa: PLR0911 - one line a reason
    """Return what *error*, raised by the downloader, says in our words."""
    detail = " ".join(str(error).split())[:200]
    match error:
        case IgnoreRequest() | DownloadCancelledError():
            return Unanswered("too_large", f"more than {limit_bytes} bytes")
        case CannotResolveHostError():
            return Unanswered("dns", detail)
        case DownloadConnectionRefusedError():
            return Unanswered("refused")
        case DownloadTimeoutError():
            return Unanswered("timeout")
        case ResponseDataLossError():
            return Unanswered("cut_short")
        case UnsupportedURLSchemeError():
            return Unanswered("bad_address", detail)
    causes = _causes(error)
    if any(type(cause).__module__.startswith("OpenSSL") for cause in causes) or any(
        type(cause).__name__ in ("CertificateError", "VerificationError") for cause in causes
    ):
        return Unanswered("tls", detail)
    if isinstance(error, DownloadFailedError):
        return Unanswered("broken", detail)
    if type(error).__module__.startswith("twisted.") or isinstance(error, OSError):
        return Unanswered("unreachable", detail)
    return Unanswered("broken", f"{type(error).__name__}: {detail}")


def _causes(error: BaseException) -> list[BaseException]:
    """Return *error* and every error inside it (Twisted wraps them as failures)."""
    found: list[BaseException] = []
    stack: list[BaseException | None] = [error]
    while stack:
        here = stack.pop()
        if here is None or here in found:
            continue
        found.append(here)
        stack += [here.__cause__, here.__context__]
        for reason in getattr(here, "reasons", None) or ():
            stack.append(getattr(reason, "value", None))
    return found
