"""What a check of a live source says, and the pages that are pinned for the next one."""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

CHECKS: Final = (
    "sentinel", "answers", "total", "paging", "required fields", "readable", "pinned pages",
)  # fmt: skip


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check of one source."""

    check: str
    passed: bool | None
    """Null: it does not apply, or could not be looked at."""
    said: str


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """One listing that is asked for again at every check. Holds no value, only their digests."""

    url: str
    """Of its own page, or of the list that showed it."""
    native_id: str
    own_page: bool = True
    note: dict[str, str] = {}
    """The request's note."""
    fields: dict[str, str] = {}
    """Field → digest of what was shown; empty for what was shown empty."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """One source's check."""

    source: str
    findings: tuple[Finding, ...]
    pins: tuple[Pin, ...] = ()
    """For the next check."""

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(finding.passed is not False for finding in self.findings)


def digests(values: Mapping[str, object]) -> dict[str, str]:
    """Return field → digest of its value as shown; empty when nothing is shown."""
    return {
        name: "" if value in (None, "", (), []) else _digest(value)
        for name, value in sorted(values.items())
    }


def _digest(value: object) -> str:
    text = repr(list(value) if isinstance(value, (list, tuple)) else value)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
