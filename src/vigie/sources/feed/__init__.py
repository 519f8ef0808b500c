"""Job offers of any feed: RSS 2.0 (and 1.0), Atom, or JSON Feed, by its address.

Option ``url`` of a query, or the setting ``feeds``, says which. Where entries carry more than a
feed's own fields (WP Job Manager's company and place, JSON Feed's ``_jobposting``), that is read
too. Authors are blanked.

``_jobposting`` is seen in a captured feed (Teamtailor's); what boards add to RSS is not seen in
one, and waits for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from vigie.contracts import Terms
from vigie.errors import ConfigError
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.blanking import Blanking
from vigie.sources.values import without_scrub
from vigie.sources.webpage import given_address, linked

from .formats import Entry, entries_of, feed_of
from .reading import listing_of

NAME = __name__.rpartition(".")[2]
BLANKING = Blanking(
    revision="1",
    people=frozenset({
        "author", "authors", "contributor", "dc:creator", "dc:contributor", "dc:publisher",
        "managingEditor", "webMaster", "itunes:author", "itunes:owner", "media:credit",
        "applicationContact", "contactPoint", "telephone", "email",
    }),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Feed:
    """The fields are the settings under ``[sources.feed]``."""

    label: ClassVar[str] = "Feeds (RSS, Atom, JSON)"
    kind: ClassVar[str] = "job"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://www.rssboard.org/rss-specification",
        read_on=None,
        attribution="the site that the feed is of",
        reuse="unknown: the terms of the site that the feed is of hold",
    )

    example: ClassVar[Query] = Query(
        name="flux", options={"url": "https://flux.exemple.example/offres.rss"}
    )
    sentinel: ClassVar[Query | None] = None

    pause_seconds: float = 2.0
    feeds: tuple[str, ...] = ()
    """Addresses read when the query names none (option ``url``)."""

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the request for each feed of *query*.

        Raises:
            ConfigError: there is none, one cannot be asked for, or the query narrows by words.
        """
        if query.words or query.place or query.since_hours is not None:
            raise ConfigError(
                f"{NAME}: query {query.name!r} asks for words, a place or an age, which a feed "
                f"cannot be narrowed by: leave them out and filter what is found"
            )
        for option in query.options:
            if option != "url":
                raise ConfigError(f"{NAME}: unknown option {option!r}. Known: url")
        asked = query.options.get("url")
        addresses = (asked,) if asked else self.feeds
        if not addresses:
            raise ConfigError(f"{NAME}: query {query.name!r} needs option url, or setting feeds")
        for url in addresses:
            # A feed holds the newest only: what it shows no more is not gone.
            yield Request(url=given_address(NAME, url), note={"since_hours": ""})

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page, when the feed names one on its own host."""
        feed = feed_of(page.body)
        url = linked(page, feed.following) if feed is not None and feed.entries else None
        if url is not None and url != page.url:
            yield Request(url=url, note=without_scrub(page.note))

    def scrub(self, page: Capture) -> Capture:
        """Return the page without authors, and without phones and mail addresses in texts."""
        if page.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
            return BLANKING.json(page)
        return BLANKING.xml(page)

    def items(self, page: Capture) -> Sequence[Entry]:
        """Return the entries of the feed.

        Raises:
            Blocked: a challenge or refusal came instead of it.
            Empty: it is a feed and holds no entry.
            PageChanged: it is no feed.
        """
        return entries_of(NAME, page)

    def read(self, item: Entry, page: Capture) -> Listing:
        """Return one entry: in full when it carries its content, else as a card.

        Raises:
            RecordError: it is no object, or has no id or title.
        """
        return listing_of(item, page)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: feeds announce no total."""
        return None


SOURCE = Feed
