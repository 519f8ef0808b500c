"""The search index: follows the feed (`contracts.View`) and answers questions (`contracts.Search`).

Any number of processes may ask; one may write, and tantivy's lock on the folder sees to it.
Another schema, or files that cannot be read, make the index *stale*: it stands at position 0,
refuses questions and changes, and is rebuilt from a snapshot.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

import polars as pl
import tantivy

from vigie.errors import ViewError
from vigie.model.ask import Answer, Ask
from vigie.model.position import Change
from vigie.views.search import census, plan
from vigie.views.search.documents import alone
from vigie.views.search.folder import Folder, Mark
from vigie.views.search.generation import Generation
from vigie.views.search.passages import mark
from vigie.views.search.rows import entries, needed
from vigie.views.search.writing import Writing

Members = Callable[[Sequence[str]], Mapping[str, pl.DataFrame]]
"""Cluster ids → every row of their members, by kind (`stored_schema`), as the store has them."""

Texts = Callable[[str, Sequence[str]], Mapping[str, str]]
"""Kind and listing ids → their texts, for snippets."""


class SearchIndex:
    """A tantivy index of all kinds, on disk or, without a path, in memory."""

    def __init__(
        self, path: Path | None = None, *, members: Members, texts: Texts | None = None
    ) -> None:
        """Open the index, making an empty one where there is none.

        Args:
            members: Gives the rows of whole clusters, so that a cluster's document is exact.
            texts: Gives what snippets are cut from; None: answers have no snippets.

        Raises:
            FromTheFuture: a newer Vigie wrote it; nothing was changed.
            ViewError: the folder cannot be read or written.
        """
        self._folder = None if path is None else Folder(path)
        self._members, self._texts = members, texts
        self._lock = threading.RLock()
        self._writing: Writing | None = None
        self._index: tantivy.Index | None = None
        self._name = ""
        self._mark: Mark = ()
        self._generation: Generation | None = None
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def stale(self) -> bool:
        """Whether the index must be rebuilt before it can be asked or followed on."""
        self._refresh()
        return self._generation is None

    def cursor(self) -> int:
        """Return the feed's position that the index has reached; 0 when it is stale."""
        self._refresh()
        return 0 if self._generation is None else self._generation.seq

    def columns(self, kind: str) -> frozenset[str]:
        """Return the columns that `apply` looks at: not the text a second time, as mark-up."""
        return needed(plan.kind_named(kind))

    def ask(self, ask: Ask) -> Answer:
        """Answer a question (see `vigie.model.ask`).

        ``relevance`` without words is newest first. ``since`` is included, ``until`` is not. A
        cluster is asked as one: it has every value that a member has, is open when a member is,
        closed when none is; a filter's opposite (`Ask.not_`, ``has_price=False``) finds what the
        filter does not. Its id in the answer is that of its fullest open member.

        Raises:
            UsageError: it names a field that is no facet or cannot be sorted by.
            ViewError: the index is stale.
        """
        generation = self.generation()
        answer = generation.answer(ask)
        if self._texts is None or not ask.text or not answer.ids:
            return answer
        texts = self._texts(ask.kind, answer.ids)
        snippets = {one: mark(ask.text, text) for one, text in texts.items()}
        return Answer(
            ids=answer.ids,
            total=answer.total,
            facets=answer.facets,
            seq=answer.seq,
            snippets={one: passage for one, passage in snippets.items() if passage},
        )

    def generation(self) -> Generation:
        """Return what answers as of the newest commit.

        Raises:
            ViewError: the index is stale.
        """
        self._refresh()
        if self._generation is None:
            raise ViewError("the search index is being rebuilt: ask again in a moment")
        return self._generation

    def apply(self, changes: Sequence[Change], rows: Mapping[str, pl.DataFrame], seq: int) -> None:
        """Follow *changes*, whose listings' rows are *rows*; those without a row are gone.

        Everything, the position included, is one commit and can be found when this returns.

        Raises:
            ViewError: nothing of it was kept.
        """
        with self._lock:
            generation = self.generation()
            if self._writing is None:
                if self._index is None:
                    raise ViewError("the search index is stale: rebuild it")
                self._writing = Writing(self._index)
            present = {
                one.id: one
                for name, frame in rows.items()
                for one in entries(plan.kind_named(name), frame)
            }
            touched = set(present).union(change.id for change in changes)
            clusters = {one.cluster for one in present.values() if one.cluster != one.id}
            indexed: Mapping[str, str] = {}
            if generation.seq:  # a member may leave or join others that nobody mentions
                indexed = census.clusters_of(generation, touched)
                known = {*indexed.values(), *(one.cluster for one in present.values())}
                clusters |= census.crowded(generation, known, touched)
            with self._writing as writing:
                for listing in indexed:  # a removal is looked for in every file of the index
                    writing.remove(listing)
                for one in present.values():
                    if one.cluster not in clusters:
                        writing.add(alone(one))
                writing.put_clusters(sorted(clusters), self._members)
                writing.commit(seq)
            self._reload()

    def rebuild(self, seq: int, rows: Iterator[tuple[str, pl.DataFrame]]) -> None:
        """Index a snapshot taken at *seq* beside the present index, then take its place.

        Until then the present index answers; when this fails, it stays.

        Raises:
            ViewError: the new index could not be written.
        """
        with self._lock:
            if self._folder is None:
                name, index = "", _in_memory()
            else:
                name = self._folder.create()
                index = self._folder.open(name)
            clusters: set[str] = set()
            with Writing(index) as writing:
                for kind, frame in rows:
                    for one in entries(plan.kind_named(kind), frame):
                        if one.cluster == one.id:
                            writing.add(alone(one))
                        else:
                            clusters.add(one.cluster)
                writing.put_clusters(sorted(clusters), self._members)
                writing.commit(seq)
            writing.close()
            self._stop_writing()
            if self._folder is not None:
                self._folder.swap(name)
            self._index, self._name = index, name
            self._reload()

    def reconcile(self, rows: Iterable[tuple[str, pl.DataFrame]]) -> census.Differences:
        """Compare the index with every row of the store (`census.reconcile`).

        Raises:
            ViewError: the index is stale.
        """
        return census.reconcile(self.generation(), rows)

    def close(self) -> None:
        """Finish writing and release the lock on the folder; the index can still be asked."""
        with self._lock:
            self._stop_writing()

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.close()
            self._writing = None

    def _open(self) -> None:
        """Open the valid index, or find that there is none to follow on."""
        if self._folder is None:
            self._index = _in_memory()
            self._reload()
            return
        label = self._folder.label()
        if label is None:
            self._folder.swap(self._folder.create())
            label = self._folder.label()
        self._index = self._generation = None
        self._name = label.index if label else ""
        self._mark = self._folder.mark(self._name)
        if label is not None and self._folder.fits(label):
            with contextlib.suppress(ViewError):  # damaged: stale
                self._index = self._folder.open(self._name)
                self._reload()

    def _reload(self) -> None:
        """Read the newest commit of the valid index."""
        if self._index is None:
            return
        if self._folder is not None:  # before reading: a commit in between is seen next time
            self._mark = self._folder.mark(self._name)
        try:
            self._index.reload()
            self._generation = Generation(self._index)
        except (ValueError, OSError) as error:
            self._generation = None
            raise ViewError(f"the search index cannot be read: {error}") from error

    def _refresh(self) -> None:
        """See what another process committed or swapped, and what was merged."""
        if self._folder is None or self._folder.mark(self._name) == self._mark:
            return
        with self._lock:
            if self._folder.mark(self._name) == self._mark:
                return
            label = self._folder.label()
            if label is not None and label.index == self._name and self._index is not None:
                self._reload()
            else:
                self._stop_writing()
                self._open()


def _in_memory() -> tantivy.Index:
    return plan.ready(tantivy.Index(plan.build()))
