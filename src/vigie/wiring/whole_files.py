"""Files that appear whole, under their final names, or not at all; durable on return."""

import hashlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import msgspec
import polars as pl

from vigie.errors import ViewError
from vigie.wiring.csv_rows import write_csv


def write_rows(path: Path, rows: pl.DataFrame, *, excel_fr: bool = False) -> str:
    """Write *rows* to *path* in the format that its ending says; return the file's SHA-256.

    Raises:
        ViewError: it cannot be written; the file before it stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = _fresh(path)
        try:
            if path.suffix == ".csv":
                with fresh.open("w", encoding="utf-8", newline="") as file:
                    write_csv(rows, file, excel_fr=excel_fr)
                    _settle(file)
            elif path.suffix == ".parquet":
                rows.write_parquet(fresh, compression="zstd")
                with fresh.open("rb+") as raw:
                    os.fsync(raw.fileno())
            else:
                with fresh.open("w", encoding="utf-8", newline="") as file:
                    file.writelines(lines_of(rows))
                    _settle(file)
            with fresh.open("rb") as raw:
                digest = hashlib.file_digest(raw, "sha256").hexdigest()
            _take_place(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise ViewError(f"{path} cannot be written: {error}") from None
    return digest


def lines_of(rows: pl.DataFrame) -> Iterator[str]:
    """Yield the rows as JSON Lines: money as numbers, instants as ISO 8601 in UTC."""
    encoder = msgspec.json.Encoder(decimal_format="number")
    for row in rows.iter_rows(named=True):
        told = {
            name: stamp(value) if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        yield encoder.encode(told).decode() + "\n"


def write_bytes(path: Path, content: bytes) -> None:
    """Write *content* to *path*.

    Raises:
        ViewError: it cannot be written; the file before it stays.
    """
    fresh = _fresh(path)
    try:
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _take_place(fresh, path)
    except OSError as error:
        raise ViewError(f"{path} cannot be written: {error}") from None
    finally:
        fresh.unlink(missing_ok=True)


def _fresh(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _settle(file: TextIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _take_place(fresh: Path, path: Path) -> None:
    """Let *fresh* be *path*: a reader sees the old file or the new one, after a crash too."""
    fresh.replace(path)
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def stamp(at: Any) -> str | None:
    """Return an instant as ISO 8601 in UTC; None for what is none."""
    if not isinstance(at, datetime):
        return None
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
