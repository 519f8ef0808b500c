"""The listings of each run as JSON Lines in a folder or bucket, and an event that says so.

    <landing.url>/<prefix><kind>/<source>/<run>.jsonl      data/job/indeed/2026-….jsonl
    <landing.url>/events/<source>/<run>.json               CloudEvents 1.0, one a file

A run lands under its own name with the same bytes however often it is landed, and is announced
once: what is there already with the same digest is left alone. Whoever waits for events (a bucket's
notifications, a command of `landing.command`) may be told twice after a crash, never not at all.
"""

import hashlib
import shlex
import subprocess
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import polars as pl
import structlog

from vigie.config import LandingSettings, Settings
from vigie.errors import ConfigError, Missing, ViewError
from vigie.model.watch import Watch
from vigie.wiring.export_rows import header, rows_of
from vigie.wiring.whole_files import lines_of, stamp

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from vigie.wiring.instance import Instance

EVENTS: Final = "events/"
TYPE: Final = "vigie.run.landed"
COMMAND_SECONDS: Final = 600

log = structlog.get_logger(__name__)


class Landed(NamedTuple):
    """One file of a run."""

    path: str
    rows: int
    announced: bool
    """False: it was there already, as it is."""


def open_landing(settings: Settings) -> "ObjectStore | None":
    """Return where runs land; None: nowhere.

    Raises:
        Missing: its package is not installed. ConfigError: the address is none of ours.
    """
    url = settings.landing.url
    if not url:
        return None
    try:
        from obstore.store import LocalStore
    except ModuleNotFoundError as error:
        raise Missing("landing files", "s3") from error
    if url.startswith("s3://"):
        from vigie.wiring.spooling import object_store

        return object_store(url, settings.objects)
    if "://" in url:
        raise ConfigError(f"landing.url = {url!r}: expected a folder or s3://BUCKET/PREFIX")
    return LocalStore(Path(url), mkdir=True)


def land(here: "Instance", watch: Watch, runs: Collection[str], at: datetime) -> list[Landed]:
    """Land what *runs* of *watch* saw, and announce it.

    Raises:
        ViewError: a file cannot be written, or the next stage refuses; land again.
    """
    store = open_landing(here.settings)
    if store is None:
        return []
    told: list[Landed] = []
    for kind in sorted({watch.kind_of(source) for source in watch.source}):
        rows = rows_of(here.store, watch, kind, runs)
        for source, run in _visits(here, watch, kind, runs):
            mine = rows.filter(pl.col("source") == source).sort("id").select(*header(kind))
            told.append(_land(store, here.settings.landing, (kind, source, run), mine, at))
    return told


def erase_landed(settings: Settings, ids: Collection[str]) -> int:
    """Take the listings *ids* out of every landed file; return how many files held any."""
    import obstore

    store = open_landing(settings)
    if store is None:
        return 0
    wanted, changed = set(ids), 0
    for path in _files(store, settings.landing.prefix):
        lines = bytes(obstore.get(store, path).bytes()).splitlines(keepends=True)
        kept = [line for line in lines if msgspec.json.decode(line)["id"] not in wanted]
        if len(kept) < len(lines):
            obstore.put(store, path, b"".join(kept))
            changed += 1
    return changed


def _visits(
    here: "Instance", watch: Watch, kind: str, runs: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield source and run of what was asked for *kind*."""
    sources = {one.name for one in watch.source if watch.kind_of(one) == kind}
    for run in sorted(runs):
        for source in sorted(set(here.store.run(run)["source"]) & sources):
            yield source, run


def _land(
    store: "ObjectStore", settings: LandingSettings, name: tuple[str, str, str],
    rows: pl.DataFrame, at: datetime,
) -> Landed:  # fmt: skip
    import obstore

    kind, source, run = name
    content = "".join(lines_of(rows)).encode()
    digest = hashlib.sha256(content).hexdigest()
    path, event = f"{settings.prefix}{kind}/{source}/{run}.jsonl", f"{EVENTS}{source}/{run}.json"
    if _digest_told(store, event) == digest:
        return Landed(path, rows.height, announced=False)
    told = {
        "specversion": "1.0", "type": TYPE, "source": f"vigie/{source}",
        "id": f"{run}/{digest[:16]}", "time": stamp(at), "subject": path,
        "datacontenttype": "application/json",
        "data": {"kind": kind, "source": source, "run": run, "rows": rows.height, "sha256": digest,
                 "url": f"{settings.url.rstrip('/')}/{path}"},
    }  # fmt: skip
    try:
        obstore.put(store, path, content)
        if settings.command:
            _call(settings.command, told)
        obstore.put(store, event, msgspec.json.format(msgspec.json.encode(told), indent=2))
    except (OSError, subprocess.SubprocessError) as error:
        raise ViewError(f"{path} was not landed: {error}. Land it again.") from error
    log.info("landed", path=path, rows=rows.height)
    return Landed(path, rows.height, announced=True)


def _call(command: str, event: dict[str, Any]) -> None:
    """Give *event* to the next stage on its standard input, and wait for it."""
    subprocess.run(
        shlex.split(command), input=msgspec.json.encode(event), check=True, timeout=COMMAND_SECONDS
    )


def _digest_told(store: "ObjectStore", event: str) -> str | None:
    """Return the digest that the event told, if it was told."""
    import obstore

    try:
        told = msgspec.json.decode(bytes(obstore.get(store, event).bytes()))
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    return str(told["data"]["sha256"])


def _files(store: "ObjectStore", prefix: str) -> list[str]:
    import obstore

    return sorted(
        one["path"]
        for part in obstore.list(store, prefix=prefix.rstrip("/") or None)
        for one in part
        if one["path"].endswith(".jsonl")
    )
