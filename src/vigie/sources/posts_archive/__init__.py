"""Archives of posts that somebody collected before: CSV, JSON Lines or JSON, one post a record.

Columns are found by the names that tools give them (twarc-csv, snscrape, rtweet…). Pages of X's
API, and what twarc flattens of them, say more: import those with the source ``x_api``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, ClassVar

from vigie.contracts import Terms
from vigie.errors import ConfigError, Empty
from vigie.model.capture import Capture, Query, Request
from vigie.model.listing import Listing
from vigie.sources.answers import changed, condemn
from vigie.sources.authors import AUTHOR_SECRET

from .columns import columns_of
from .pieces import Piece, pieces_of
from .reading import Record, listing_of
from .records import records_of
from .scrubbing import scrubbed

NAME = __name__.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class PostsArchive:
    """The fields are the settings under ``[sources.posts_archive]``."""

    label: ClassVar[str] = "Archives of posts"
    kind: ClassVar[str] = "post"
    revision: ClassVar[int] = 1
    zone: ClassVar[str] = "UTC"
    terms: ClassVar[Terms] = Terms(
        url="https://docs.x.com/developer-terms/agreement-and-policy",
        read_on=None,
        attribution="whoever collected the archive",
        reuse="unknown until read: the archive's own terms and those of its network",
    )

    example: ClassVar[Query] = Query(name="all")
    sentinel: ClassVar[Query | None] = None
    files_only: ClassVar[bool] = True
    """It cannot be visited."""

    pause_seconds: float = 0.0
    """A file is nobody's server."""
    columns: dict[str, str] = field(default_factory=dict)
    """What a column is → its name in the file, where it is not found by itself: ``{text =
    "contenu"}``. Known: id, text, posted, lang, author, likes, reposts, replies, quotes, repost_of,
    reply_to, topic, place."""
    author_secret: bytes = field(default=b"", repr=False, metadata=AUTHOR_SECRET)

    def first(self, query: Query) -> Iterator[Request]:
        """Raise: archives are imported.

        Raises:
            ConfigError: always; the message says what to type.
        """
        raise ConfigError(
            f"{NAME} reads files (query {query.name!r} cannot be asked): "
            f"`vigie import FILE --source {NAME}`"
        )

    def follow(self, page: Capture) -> Iterator[Request]:  # noqa: ARG002 - the contract's
        """Yield nothing: a file leads nowhere."""
        return iter(())

    def split(self, file: BinaryIO, name: str) -> Iterator[Piece]:
        """Yield a file in pieces of whole records."""
        return pieces_of(file, name)

    def scrub(self, page: Capture) -> Capture:
        """Return the page with the columns alone that are read: authors as keys, texts without
        handles, phones and mail addresses. What other columns hold is not known."""
        return scrubbed(NAME, page, self.columns, self.author_secret)

    def items(self, page: Capture) -> Sequence[Record]:
        """Return the records of the page, those that cannot be read too.

        Raises:
            Empty: a header without records.
            PageChanged: no column is the id, or none the text.
        """
        condemn(NAME, page)
        found = records_of(page.body)
        columns = columns_of(found.names, self.columns)
        if missing := [name for name in ("id", "text") if name not in columns]:
            raise changed(NAME, page, f"column for {' and '.join(missing)} (see `columns`)")
        if not found.rows:
            raise Empty(NAME, page.url)
        return [Record(row, columns) for row in found.rows]

    def read(self, item: Record, page: Capture) -> Listing:
        """Return one post.

        Raises:
            RecordError: ``bad_row``, ``no_id`` or ``no_text``.
        """
        return listing_of(item, page.query or None)

    def total(self, page: Capture) -> int | None:  # noqa: ARG002 - the contract's
        """Return None: a file does not announce how many records it holds."""
        return None


SOURCE = PostsArchive
