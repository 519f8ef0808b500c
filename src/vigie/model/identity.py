"""Identities: of listings, captures and runs. Stored, so a change here is a migration."""

import base64
import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime

ID_BYTES = 10  # 80 bits: a billion listings share one with a probability of 4e-7


def digest(*parts: bytes | str | None) -> str:
    """Return 16 lower-case base32 characters that depend on every part and on their borders."""
    state = hashlib.blake2b(digest_size=ID_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(b"\0" if data is None else b"\1" + len(data).to_bytes(8, "big") + data)
    return base64.b32encode(state.digest()).decode("ascii").lower()


def listing_id(source: str, native_id: str) -> str:
    """Return the id of a listing: the same for the same source and native id, for ever."""
    return digest(source, native_id)


def identity_of(values: Iterable[str | None]) -> str:
    """Return a native id for a listing that has none, from the fields its source declares."""
    return digest(*values)


def run_id(started: datetime, salt: str) -> str:
    """Return a run's id (``2026-11-20T21-04-07Z-k3f7``): sorts by time, safe in a path."""
    return f"{started.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}-{digest(salt)[:4]}"


def run_started(run: str) -> datetime | None:
    """Return when the run of this id started, to the second; None when the id does not tell."""
    try:
        return datetime.strptime(run[:20], "%Y-%m-%dT%H-%M-%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
