"""The lake: one Delta table a kind, Parquet files in folders by source and day, on disk or S3.

A Delta table is Parquet files and a log that says which of them count, so that every change is
whole or not there, whoever reads and whatever is killed. Polars, DuckDB, Spark, Athena and Power BI
read it. The lake's position is written after the tables' commits: content may be ahead of it by a
batch that is then applied again, which changes nothing; it is never behind.

Format: Delta Lake transaction protocol (delta.io), written by delta-rs.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import polars as pl
from arro3.core import RecordBatchReader, Table
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from vigie.errors import FromTheFuture, ViewError
from vigie.model.fields import Kind
from vigie.model.kinds import KINDS
from vigie.model.position import Change, What
from vigie.views.lake.marker import Marker, Reached
from vigie.views.lake.shape import PARTITIONS, SEARCHED, columns_digest, in_shape, schema

VERSION: Final = 1
"""Of the tables' layout: another one is made anew."""
FILE_BYTES: Final = 128 * 1024 * 1024
"""Size that compaction aims at."""
KEEP_HOURS: Final = 7 * 24
"""Replaced files stay so long, for readers that still use them."""


class Lake:
    """A `vigie.contracts.View` on a folder or bucket."""

    forgets: Final = True
    """What is erased leaves the files at once: no rebuild is needed."""

    def __init__(self, url: str, marker: Marker, options: Mapping[str, str] | None = None) -> None:
        """Know a lake; nothing is opened yet.

        Args:
            url: Folder, or ``s3://BUCKET/PREFIX``.
            marker: Where its position is kept, in the same place.
            options: Options of the object store.
        """
        self.url, self._marker, self.options = url.rstrip("/"), marker, dict(options or {})

    @property
    def stale(self) -> bool:
        """Whether it has to be made anew: it is not there, or of another layout."""
        told = self._marker.read()
        if told is not None and told.version > VERSION:
            raise FromTheFuture("lake", self.url, str(told.version), str(VERSION))
        return told is None or (told.version, told.columns) != (VERSION, columns_digest())

    def cursor(self) -> int:
        told = self._marker.read()
        return 0 if told is None else told.seq

    def apply(self, changes: Sequence[Change], rows: Mapping[str, pl.DataFrame], seq: int) -> None:
        """Merge the rows of *changes* into the tables; what has no row is taken out.

        Raises:
            ViewError: a table refuses; the position stays, call again.
        """
        touched: dict[str, dict[str, None]] = {}
        for change in changes:
            touched.setdefault(change.kind, {})[change.id] = None
        for name, ids in touched.items():
            kind = KINDS[name]
            present = in_shape(kind, rows[name]) if name in rows else _empty(kind)
            there = set(present["id"])
            gone = [one for one in ids if one not in there]
            with _told(self.table_url(name)):
                self._merge(kind, present, gone, seq)
        erased = {change.kind for change in changes if change.what is What.ERASED}
        for name in erased:
            self._forget(name)
        self.mark(seq)

    def mark(self, seq: int) -> None:
        """Note that the lake has followed the feed up to *seq*."""
        self._marker.write(Reached(seq, VERSION, columns_digest()))

    def rebuild(self, seq: int, rows: Iterator[tuple[str, pl.DataFrame]]) -> None:
        """Write every table anew from a snapshot, each in one commit.

        Raises:
            ViewError: a table could not be written; it stays as it was.
        """
        left = dict(KINDS)
        for name, frames in groupby(rows, key=lambda pair: pair[0]):
            kind = left.pop(name)
            with _told(self.table_url(name)):
                self._overwrite(kind, (frame for _, frame in frames))
        for name, kind in left.items():
            with _told(self.table_url(name)):
                self._overwrite(kind, ())
        for name in KINDS:
            self._forget(name)
        self.mark(seq)

    def compact(self, keep_hours: int = KEEP_HOURS) -> dict[str, tuple[int, int]]:
        """Make few files of many; return files before and after, by kind.

        Files that were replaced longer ago than *keep_hours* are removed.
        """
        told: dict[str, tuple[int, int]] = {}
        for name in KINDS:
            with _told(self.table_url(name)):
                table = self.table(KINDS[name])
                before = len(table.file_uris())
                table.optimize.compact(target_size=FILE_BYTES)
                table.vacuum(keep_hours, dry_run=False, enforce_retention_duration=False, full=True)
                table.create_checkpoint()
                table.cleanup_metadata()
                told[name] = before, len(table.file_uris())
        return told

    def table_url(self, kind: str) -> str:
        """Return where the table of a kind lies."""
        return f"{self.url}/{kind}"

    def table(self, kind: Kind) -> DeltaTable:
        """Return the table of *kind*, made when it is not there."""
        url = self.table_url(kind.name)
        with _told(url):
            try:
                return DeltaTable(url, storage_options=self.options)
            except TableNotFoundError:
                return DeltaTable.create(
                    url, schema(kind), mode="ignore", partition_by=list(PARTITIONS),
                    name=kind.plural,
                    description=f"Vigie: {kind.plural}, one row a listing, open and closed",
                    configuration={"delta.dataSkippingStatsColumns": ",".join(SEARCHED)},
                    storage_options=self.options,
                )  # fmt: skip

    def _merge(self, kind: Kind, present: pl.DataFrame, gone: list[str], seq: int) -> None:
        marked = pl.concat(
            [
                present.with_columns(pl.lit(value=False).alias("_gone")),
                pl.DataFrame({"id": gone, "_gone": [True] * len(gone)}, schema_overrides=_IDS),
            ],
            how="diagonal",
        )
        values = {name: f"s.{name}" for name in present.columns}
        (
            self.table(kind)
            .merge(
                marked, "t.id = s.id", source_alias="s", target_alias="t",
                commit_properties=CommitProperties(custom_metadata={"vigie_seq": str(seq)}),
            )
            .when_matched_delete("s._gone")
            .when_matched_update(values, "NOT s._gone")
            .when_not_matched_insert(values, "NOT s._gone")
            .execute()
        )  # fmt: skip

    def _overwrite(self, kind: Kind, frames: Iterable[pl.DataFrame]) -> None:
        table = self.table(kind)
        empty = Table.from_arrow(_empty(kind))
        batches = (
            batch
            for frame in frames
            for batch in Table.from_arrow(in_shape(kind, frame)).to_batches()
        )
        write_deltalake(
            table, RecordBatchReader.from_batches(empty.schema, batches), mode="overwrite",
            target_file_size=FILE_BYTES, schema_mode="overwrite",
        )  # fmt: skip

    def _forget(self, name: str) -> None:
        """Remove every file that does not count, those of writers that were killed too: it may
        hold what was erased. Nobody else may be writing."""
        with _told(self.table_url(name)):
            self.table(KINDS[name]).vacuum(
                0, dry_run=False, enforce_retention_duration=False, full=True
            )


_COLOUR: Final = re.compile(r"\x1b\[[\d;]*m")
_IDS: Final[dict[str, Any]] = {"id": pl.String(), "_gone": pl.Boolean()}


def _empty(kind: Kind) -> pl.DataFrame:
    from vigie.model.frames import stored_schema

    return in_shape(kind, pl.DataFrame(schema=stored_schema(kind)))


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    try:
        yield
    except (DeltaError, OSError) as error:
        text = " ".join(_COLOUR.sub("", str(error)).split())
        code = re.search(r"<Code>(\w+)</Code>", text)  # the service's own word says most
        why = f"{code[1]}: check the bucket and [objects]" if code else text[:300]
        raise ViewError(f"the lake's table {url} cannot be read or written: {why}") from error
