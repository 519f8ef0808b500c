"""robots.txt: what a host lets us ask, and how slowly.

RFC 9309: a file that cannot be had because the host fails means "ask nothing"; one that is not
there (4xx) means "ask anything". Read once per host and collection.
"""

from typing import Final

from protego import Protego

from vigie.collect.job import PRODUCT

LIMIT_BYTES: Final = 500 * 1024
"""RFC 9309 §2.5: a reader takes at least so much; the rest is not looked at."""


class Rules:
    """What one host's robots.txt says to us."""

    def __init__(self, parsed: Protego | None = None, closed: str = "") -> None:
        self._parsed = parsed
        self.closed = closed
        """Why nothing may be asked; empty when the file decides."""
        delay = None if parsed is None else parsed.crawl_delay(PRODUCT)
        self.delay_seconds: float = float(delay or 0)

    def allow(self, url: str) -> bool:
        """Return whether *url* may be asked."""
        if self.closed:
            return False
        return self._parsed is None or bool(self._parsed.can_fetch(url, PRODUCT))


def rules_of(status: int, body: bytes) -> Rules:
    """Return what an answer to the question for robots.txt means."""
    if 200 <= status < 300:
        return Rules(Protego.parse(body[:LIMIT_BYTES].decode("utf-8", "replace")))
    if 400 <= status < 500 and status != 429:
        return Rules()
    return Rules(closed=f"robots.txt answered with status {status}")
