"""What a stand-in site is: a function of the question and of what there is to show.

One file per site in `sites/`, found by looking: a class with these members, exported as
``STAND_IN``.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from vigie.demo.contents import Contents


class Ask(NamedTuple):
    """A question to a stand-in site."""

    method: str
    path: str
    """Decoded, without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = b""


class Page(NamedTuple):
    """Its answer."""

    status: int
    body: bytes = b""
    type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


class Site(Protocol):
    """One stand-in; pure, so that many threads may ask it at once."""

    name: str
    """The source's name."""
    origins: tuple[str, ...]
    """The origins of the real site that it stands in for, the listings' own first."""
    robots: str
    anchor: bytes
    """What a reader holds on to; a changed layout lacks it."""

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Return the page; 404 for an address that the site does not have."""
        ...

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first page of the same list: what a site that ignores
        page numbers answers."""
        ...


CHALLENGE = Page(
    403,
    b"<!DOCTYPE html><html lang=en><head><title>Just a moment...</title>"
    b'<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></head>'
    b'<body><form id="challenge-form" method="POST"><noscript>Enable JavaScript and cookies to '
    b"continue</noscript></form></body></html>",
)
"""What a site behind a shield answers to a robot: our own page, with the parts that tell it."""

NOT_FOUND = Page(404, b"<!DOCTYPE html><title>404</title><h1>Page introuvable</h1>")
