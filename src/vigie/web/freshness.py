"""Conditional answers: a body that has not changed is not sent again.

The tag is a digest of the body, not of the feed's position alone: `last_seen_at` moves without
an entry in the feed, and an age in words moves without any change at all.
"""

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def tag_of(body: bytes) -> str:
    """Return the weak entity tag of *body* (weak: compressed or not, it is the same)."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def answer(
    request: Request, body: bytes, media_type: str, *,
    tag: str | None = None, cache: str, vary: str, status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    """Return *body*, or 304 without one when the caller holds it already.

    Args:
        tag: The body's tag, when a part of the body (the time of making) is not to count.
    """
    tag = tag or tag_of(body)
    known = {"etag": tag, "cache-control": cache, "vary": vary, **(headers or {})}
    held = request.headers.get("if-none-match", "")
    if status == 200 and held and (held.strip() == "*" or tag in _tags(held)):
        return Response(status_code=304, headers=known)
    return Response(body, status, known, media_type)


def _tags(header: str) -> set[str]:
    # Weak comparison (RFC 9110, 8.8.3.2): whether a tag is weak does not matter.
    found = (part.strip() for part in header.split(","))
    return {part if part.startswith("W/") else f"W/{part}" for part in found}
