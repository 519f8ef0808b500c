"""Bluesky (https://bsky.app): posts, by search and from the network's stream (Jetstream).

Two layers of one network: the search of the public API answers a question, the stream tells of
every post as it is written, changed and deleted. A post has one identity in both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.model.removal import Removal
from vigie.sources.authors import AUTHOR_SECRET
from vigie.sources.unknown_pages import reduced_unless_known

from .answer import announced, items_of
from .asking import first_request, next_requests
from .reading import listing_of
from .scrubbing import scrubbed
from .stream import missed_between, removed, stream_address, time_of, wanted

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Bluesky:
    """The fields are the settings under ``[sources.bluesky]``."""

    label: ClassVar[str] = "Bluesky"
    kind: ClassVar[str] = "post"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://bsky.social/about/support/tos",
        read_on=None,
        attribution="the authors, on Bluesky",
        reuse="unknown until read",
    )

    example: ClassVar[Query] = Query(name="presidentielle", words="présidentielle")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 1.0
    stream_host: str = "jetstream2.us-east.bsky.network"
    """The Jetstream server that is listened to."""
    author_secret: bytes = field(default=b"", repr=False, metadata=AUTHOR_SECRET)

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*, newest posts first.

        Raises:
            ConfigError: the query has no words, or an option is unknown.
        """
        yield first_request(NAME, query)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page, which the answer's cursor names."""
        yield from next_requests(page)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without authors, handles, phones and mail addresses; see `scrubbing`.

        A page that is not of posts (a profile) loses every text.
        """
        kept = scrubbed(NAME, page, self.author_secret)
        return reduced_unless_known(kept, self.items, self.read)

    def items(self, page: Capture) -> Sequence[Any]:
        """Return the posts of an answer, or those that a piece of the stream tells of.

        Raises:
            Empty: the list is there and holds nothing.
            Blocked: the API refuses, which it may do to whoever has not signed in.
            PageChanged: neither an answer nor a piece of the stream.
        """
        return items_of(NAME, page)

    def read(self, item: Any, page: Capture) -> Listing:
        """Return one post in full.

        Raises:
            RecordError: ``bad_line``, ``not_a_post`` or ``no_id``.
        """
        return listing_of(item, page.query or None)

    def total(self, page: Capture) -> int | None:
        """Return the hits that the search counts, which may be rounded; None for the stream."""
        return announced(page)

    def removed(self, page: Capture) -> Removal:
        """Return the posts and authors that a piece of the stream says are deleted."""
        return removed(page)

    def stream(self, resume: str | None) -> str:
        """Return the address of the stream of posts, from *resume* on."""
        return stream_address(self.stream_host, resume)

    def keep(self, message: bytes, queries: Sequence[Query]) -> Sequence[str]:
        """Return the names of the queries that *message* belongs to, one empty name for what
        concerns all (deletions); none when it is not to be kept."""
        return wanted(message, queries)

    def position(self, message: bytes) -> str | None:
        """Return where the stream is at *message*, to resume from; None when it does not say."""
        return time_of(message)

    def missed(self, resume: str, first: str) -> str | None:
        """Return what was missed when the stream, asked from *resume* on, began at *first*."""
        return missed_between(resume, first)


SOURCE = Bluesky
