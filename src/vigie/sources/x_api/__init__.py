"""X, API v2 (https://api.x.com): posts that a search finds, the last seven days or all.

Behind a bearer token. Its answers, and files of them that others saved (pages, one a line; posts
with what they refer to, flattened, one a line; a stream's output), read alike.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from vigie.contracts import Terms
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.authors import AUTHOR_SECRET
from vigie.sources.unknown_pages import reduced_unless_known

from .answer import Post, newest, posts_of
from .asking import first_request, next_requests
from .login import BearerToken
from .reading import listing_of
from .scrubbing import scrubbed

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class XApi:
    """The fields are the settings under ``[sources.x_api]``."""

    label: ClassVar[str] = "X"
    kind: ClassVar[str] = "post"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://docs.x.com/developer-terms/agreement-and-policy",
        read_on=None,
        attribution="X",
        reuse="unknown until read: said to allow no passing on of texts, and to ask that posts "
        "which X deletes are deleted here too",
    )

    example: ClassVar[Query] = Query(name="presidentielle", words="présidentielle lang:fr")
    sentinel: ClassVar[Query | None] = Query(name="sentinel", words="zqxvigiejwk")

    pause_seconds: float = 2.0
    """450 searches in 15 minutes are admitted to an application."""
    archive: bool = False
    """Search all posts ever, which needs a plan that allows it, instead of the last seven days."""
    page_posts: int = 100
    """Posts asked for in one page: 10 to 100."""
    author_secret: bytes = field(default=b"", repr=False, metadata=AUTHOR_SECRET)

    def first(self, query: Query) -> Iterator[Request]:
        """Yield the first page of *query*, newest posts first.

        The option ``since_id`` asks only for what is newer than that post, `resume` tells it.

        Raises:
            ConfigError: the query has no words, or an option is nothing that the API asks for.
        """
        yield first_request(NAME, query, archive=self.archive, size=self.page_posts)

    def follow(self, page: Capture) -> Iterator[Request]:
        """Yield the next page; the query from the start when the post to go on from is too old."""
        yield from next_requests(page)

    def resume(self, page: Capture) -> str | None:
        """Return the newest post's id, where the next run goes on (``since_id``)."""
        return newest(page)

    def scrub(self, page: Capture) -> Capture:
        """Return the page without authors, handles, phones and mail addresses; see `scrubbing`.

        A page that is not of posts (a profile) loses every text.
        """
        kept = scrubbed(NAME, page, self.author_secret)
        return reduced_unless_known(kept, self.items, self.read)

    def items(self, page: Capture) -> Sequence[Post]:
        """Return the posts of the answer.

        Raises:
            Empty: nothing was found, or the post to go on from is too old (the query is asked
                anew).
            Blocked: the token or the rate was refused.
            PageChanged: not JSON, neither posts nor a count of none, or a refused question (400).
        """
        return posts_of(NAME, page)

    def read(self, item: Post, page: Capture) -> Listing:
        """Return one post in full; a repost has the text of what it repeats.

        Raises:
            RecordError: ``not_a_post``, ``no_id`` or ``bad_line``.
        """
        return listing_of(item, page.query or None)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: the API counts what a page holds, not what it found."""
        return None


SOURCE = XApi
LOGIN = BearerToken
