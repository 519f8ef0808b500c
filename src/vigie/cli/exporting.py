"""Writing listings to a file: it appears whole, under its final name, or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vigie import __version__
from vigie.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from vigie.model.ask import Ask
    from vigie.wiring import Instance

CHUNK_ROWS: Final = 2_000
ENDINGS: Final = (".csv", ".parquet", ".ndjson", ".jsonl", ".sqlite")


def write(here: "Instance", ask: "Ask", output: Path, dialect: str) -> int:
    """Write what *ask* finds to *output*; return how many listings.

    Raises:
        UsageError: the ending or the dialect is unknown, or the folder does not exist.
    """
    ending = output.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{output}: the ending says the format; known: {', '.join(ENDINGS)}")
    if dialect not in ("rfc4180", "excel-fr"):
        raise UsageError(f"--dialect {dialect}: use rfc4180 or excel-fr")
    if not output.parent.is_dir():
        raise UsageError(f"there is no folder {output.parent}")
    here.follower.settle()
    fresh = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        count = _write(ending, here, ask, fresh, dialect)
        fresh.replace(output)
    finally:
        fresh.unlink(missing_ok=True)
    return count


def _write(ending: str, here: "Instance", ask: "Ask", path: Path, dialect: str) -> int:
    parts = _parts(here, ask)
    match ending:
        case ".csv":
            return _csv(parts, here, ask, path, excel_fr=dialect == "excel-fr")
        case ".parquet":
            return _parquet(parts, here, ask, path)
        case ".sqlite":
            return _sqlite(parts, here, ask, path)
    import msgspec

    from vigie.cli.output import plain

    count = 0
    with path.open("wb") as file:
        for part in parts:
            for row in part.iter_rows(named=True):
                file.write(msgspec.json.encode(plain(row)) + b"\n")
            count += part.height
    return count


def _parts(here: "Instance", ask: "Ask") -> "Iterator[pl.DataFrame]":
    """Yield what the question finds, in order of id, from one state of the index."""
    from vigie.model.kinds import KINDS

    hidden = [field.name for field in KINDS[ask.kind].stored if field.private]
    ids = here.every(ask)
    for start in range(0, len(ids), CHUNK_ROWS):
        yield here.store.get(ask.kind, ids[start : start + CHUNK_ROWS]).drop(hidden)


def _empty(here: "Instance", kind: str) -> "pl.DataFrame":
    from vigie.model.kinds import KINDS

    hidden = [field.name for field in KINDS[kind].stored if field.private]
    return here.store.get(kind, []).drop(hidden)


def _csv(
    parts: "Iterator[pl.DataFrame]", here: "Instance", ask: "Ask", path: Path, *, excel_fr: bool
) -> int:
    from vigie.wiring.csv_rows import write_csv

    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv(_empty(here, ask.kind), file, excel_fr=excel_fr)
        for part in parts:
            write_csv(part, file, header=False, excel_fr=excel_fr)
            count += part.height
    return count


def _parquet(parts: "Iterator[pl.DataFrame]", here: "Instance", ask: "Ask", path: Path) -> int:
    import msgspec
    import polars as pl

    from vigie.model.kinds import KINDS
    from vigie.wiring import now

    frame = pl.concat([_empty(here, ask.kind), *parts])
    meaning = {field.name: field.meaning for field in KINDS[ask.kind].stored}
    frame.write_parquet(
        path, compression="zstd",
        metadata={
            "vigie.version": __version__,
            "vigie.generated_at": now().isoformat(),
            "vigie.query": msgspec.json.encode(ask).decode(),
            "vigie.dictionary": msgspec.json.encode(meaning).decode(),
        },
    )  # fmt: skip
    return frame.height


def _sqlite(parts: "Iterator[pl.DataFrame]", here: "Instance", ask: "Ask", path: Path) -> int:
    import sqlite3

    empty = _empty(here, ask.kind)
    names = ", ".join(f'"{name}"' for name in empty.columns)
    marks = ", ".join("?" * empty.width)
    count = 0
    connection = sqlite3.connect(path)
    try:
        connection.execute(f'CREATE TABLE "{ask.kind}" ({names})')
        for part in parts:
            rows = [[_sql(value) for value in row] for row in part.iter_rows()]
            connection.executemany(f'INSERT INTO "{ask.kind}" VALUES ({marks})', rows)  # noqa: S608  # a kind's name
            count += part.height
        connection.commit()
    finally:
        connection.close()
    return count


def _sql(value: Any) -> Any:
    from vigie.cli.output import plain

    made = plain({"v": value})["v"]
    if isinstance(made, list):
        import msgspec

        return msgspec.json.encode(made).decode()
    return made
