"""Writing to an index: additions and removals that become one commit, or none."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Final, Self

import polars as pl
import tantivy

from vigie.errors import ViewBusy, ViewError
from vigie.views.search import plan
from vigie.views.search.documents import Sheet, crowd, cursor
from vigie.views.search.rows import Entry, entries

HEAP_BYTES: Final = 128_000_000
"""What tantivy gathers before it writes a segment: about 40,000 listings of 2 kB."""

THREADS: Final = 1
"""Texts are analysed here, on the other core; a second writer makes nothing faster."""

CLUSTERS_AT_ONCE: Final = 500
"""Clusters whose rows are held in memory together."""


class Writing:
    """The one writer of an index. In a ``with`` block, an error undoes what was not committed."""

    def __init__(self, index: tantivy.Index) -> None:
        """Take the folder's lock.

        Raises:
            ViewBusy: another process has it. ViewError: the folder cannot be written.
        """
        self._schema: tantivy.Schema = index.schema
        try:
            self._writer: tantivy.IndexWriter = index.writer(HEAP_BYTES, THREADS)
        except ValueError as error:
            if "LockBusy" in str(error):
                raise ViewBusy("another process is writing the search index") from error
            raise ViewError(f"the search index cannot be written: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            return
        self._writer.rollback()
        if isinstance(error, (ValueError, OSError)):
            raise ViewError(f"the search index was not written: {error}") from error

    def add(self, sheet: Sheet) -> None:
        """Add a document; a document of the same key must have been removed."""
        self._writer.add_document(sheet.document(self._schema))

    def remove(self, listing: str) -> None:
        """Remove the document of a listing, if there is one."""
        self._writer.delete_documents_by_term("key", listing)

    def put_clusters(
        self,
        clusters: Sequence[str],
        members: Callable[[Sequence[str]], Mapping[str, pl.DataFrame]],
    ) -> None:
        """Replace all documents of *clusters* by those of the members they have now."""
        for start in range(0, len(clusters), CLUSTERS_AT_ONCE):
            some = clusters[start : start + CLUSTERS_AT_ONCE]
            gathered: dict[str, list[Entry]] = defaultdict(list)
            for kind, frame in members(some).items():
                for one in entries(plan.kind_named(kind), frame):
                    gathered[one.cluster].append(one)
            for cluster in some:
                self._writer.delete_documents_by_term("cluster", cluster)
            for group in gathered.values():
                for one in group:  # it may stand in the cluster it came from
                    self.remove(one.id)
                for sheet in crowd(sorted(group, key=lambda one: one.id)):
                    self.add(sheet)

    def commit(self, seq: int) -> None:
        """Make everything since the last commit durable, with the feed's position."""
        self._writer.delete_documents_by_term("key", plan.CURSOR_LANE)
        self._writer.add_document(cursor(seq))
        self._writer.commit()

    def close(self) -> None:
        """Wait for the merging of files to end and give the lock back."""
        self._writer.wait_merging_threads()
