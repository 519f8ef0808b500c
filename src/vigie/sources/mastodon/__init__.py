"""Mastodon, one server's public API (https://docs.joinmastodon.org): posts under hashtags.

A server shows what it knows of the network, so a post is told by its global address and not by
the server's number for it. Searching in texts needs an account: only timelines are asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.authors import AUTHOR_SECRET
from vigie.sources.unknown_pages import reduced_unless_known

from .asking import first_requests, newest, next_requests
from .reading import listing_of, statuses_of
from .scrubbing import scrubbed

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Mastodon:
    """The fields are the settings under ``[sources.mastodon]``."""

    label: ClassVar[str] = "Mastodon"
    kind: ClassVar[str] = "post"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://mastodon.social/terms-of-service",
        read_on=None,
        attribution="the authors, on Mastodon",
        reuse="unknown until read: every server has rules of its own",
    )

    example: ClassVar[Query] = Query(name="presidentielle", words="presidentielle2022")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 1.0
    """300 questions in five minutes are admitted to an address."""
    server: str = "mastodon.social"
    """Name of the server that is asked."""
    author_secret: bytes = field(default=b"", repr=False, metadata=AUTHOR_SECRET)

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of each hashtag: the option ``tags``, else the words as one.

        Without either, the first page of what the server calls public. The option ``since_id``
        asks only for what is newer than that post, `resume` tells it.

        Raises:
            ConfigError: the server is no host's name, or an option is unknown.
        """
        yield from first_requests(NAME, self.server, query)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page, which the answer names."""
        yield from next_requests(page)

    def resume(self, page: Capture) -> str | None:
        """Return the newest post's number on the server, where the next run goes on."""
        return newest(page)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without authors, handles, phones and mail addresses; see `scrubbing`.

        A page that is not of posts (a profile) loses every text.
        """
        kept = scrubbed(NAME, page, self.author_secret)
        return reduced_unless_known(kept, self.items, self.read)

    def items(self, page: Capture) -> Sequence[Any]:
        """Return the posts of the timeline.

        Raises:
            Empty: the list is there and holds nothing.
            Blocked: the server refuses, or shows the timeline to its members only (422).
            PageChanged: there is no list.
        """
        return statuses_of(NAME, page)

    def read(self, item: Any, page: Capture) -> Listing:
        """Return one post in full; a boost has the text of what it repeats.

        Raises:
            RecordError: ``not_a_post`` or ``no_id``.
        """
        return listing_of(item, page.query or None)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: a timeline does not say how long it is."""
        return None


SOURCE = Mastodon
