"""The listings of each run as JSON Lines in a folder or bucket, and an event that says so.

    <landing.url>/<prefix><kind>/<source>/<run>.jsonl      data/job/indeed/2026-….jsonl
    <landing.url>/events/<source>/<run>.json               CloudEvents 1.0, one a file

A run lands under its own name with the same bytes however often it is landed, and is announced
once: what is there already with the same digest is left alone. Whoever waits for events (a bucket's
notifications, a command of `landing.command`) may be told twice after a crash, never not at all:
what could not land does with the next run of its watch.
"""

import contextlib
import hashlib
import itertools
import shlex
import subprocess
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import polars as pl
import structlog

from vigie.errors import ConfigError, Missing, ViewError
from vigie.model.watch import Watch
from vigie.settings import LandingSettings, Settings
from vigie.wiring.export_rows import header, rows_of
from vigie.wiring.whole_files import lines_of, stamp

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from vigie.wiring.instance import Instance

EVENTS: Final = "events/"
TYPE: Final = "vigie.run.landed"
COMMAND_SECONDS: Final = 600
STANDARD_ERROR: Final = 2
LATE: Final = timedelta(days=7)
"""How far back a run is looked for that could not land."""

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
    """Land what *runs* of *watch* saw, and announce it; and what earlier runs could not. One that
    the next stage refuses does not hold up the others.

    Raises:
        ViewError: a file cannot be written, or the next stage refuses; the next run makes up for
            it.
    """
    store = open_landing(here.settings)
    if store is None:
        return []
    told: list[Landed] = []
    refused: list[ViewError] = []
    late = _unlanded(here, watch, store, at) - set(runs)
    kinds = sorted({watch.kind_of(source) for source in watch.source})
    for run, kind in itertools.product((*sorted(runs), *sorted(late)), kinds):
        rows = rows_of(here.store, watch, kind, {run})
        for source in _sources(here, watch, kind, run):
            mine = rows.filter(pl.col("source") == source).sort("id").select(*header(kind))
            try:
                told.append(_land(store, here.settings.landing, (kind, source, run), mine, at))
            except ViewError as error:
                log.warning("not landed", run=run, source=source, why=str(error))
                refused.append(error)
    if refused:
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        raise ViewError(f"{refused[0]}{more}")
    return told


def erase_landed(settings: Settings, ids: Collection[str]) -> int:
    """Take the listings *ids* out of every file of listings there, whatever the prefix was when it
    landed; return how many files held any. Other people's files are left alone."""
    import obstore

    store = open_landing(settings)
    if store is None:
        return 0
    wanted, changed = set(ids), 0
    with _told("files of erased listings"):
        for path in _files(store, ".jsonl"):
            lines = bytes(obstore.get(store, path).bytes()).splitlines(keepends=True)
            kept = [line for line in lines if _id_in(line) not in wanted]
            if len(kept) < len(lines):
                obstore.put(store, path, b"".join(kept))
                changed += 1
    return changed


def _id_in(line: bytes) -> object:
    try:
        told = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    return told.get("id") if isinstance(told, dict) else None


def _unlanded(here: "Instance", watch: Watch, store: "ObjectStore", at: datetime) -> set[str]:
    """Return runs of the last days that saw listings and were not announced: what a kill or a
    refusal of the next stage left over. A listing that was seen again lands with its later run."""
    with _told("events"):
        announced = {Path(path).stem for path in _files(store, ".json", EVENTS)}
    found = set(here.store.found_by(watch.name)["run"])
    since = f"{at - LATE:%Y-%m-%dT%H-%M-%SZ}"  # runs are named by their time
    return {run for run in found - announced if run >= since}


def _sources(here: "Instance", watch: Watch, kind: str, run: str) -> list[str]:
    """Return the sources that the run asked for *kind* and that are stored to its end."""
    sources = {one.name for one in watch.source if watch.kind_of(one) == kind}
    asked = here.store.run(run).filter(pl.col("watch") == watch.name)
    ended = asked.group_by("source").agg(pl.col("scan").is_not_null().all())
    return sorted(source for source, over in ended.iter_rows() if over and source in sources)


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
    with _told(path):
        obstore.put(store, path, content)
    if settings.command:
        _call(settings.command, told, path)
    with _told(event):
        obstore.put(store, event, msgspec.json.format(msgspec.json.encode(told), indent=2))
    log.info("landed", path=path, rows=rows.height)
    return Landed(path, rows.height, announced=True)


def _call(command: str, event: dict[str, Any], path: str) -> None:
    """Give *event* to the next stage on its standard input, and wait for it. What it prints goes to
    standard error: ours is for data.

    Raises:
        ViewError: it cannot be started, or says no.
    """
    try:
        subprocess.run(
            shlex.split(command), input=msgspec.json.encode(event), check=True,
            timeout=COMMAND_SECONDS, stdout=STANDARD_ERROR,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ViewError(
            f"{path}: landed but not announced (landing.command: {error}); the next run makes up "
            f"for it"
        ) from error


def _digest_told(store: "ObjectStore", event: str) -> str | None:
    """Return the digest that the event told, if it was told."""
    import obstore

    try:
        with _told(event):
            told = msgspec.json.decode(bytes(obstore.get(store, event).bytes()))
        return str(told["data"]["sha256"])
    except (FileNotFoundError, msgspec.DecodeError, KeyError):
        return None


def _files(store: "ObjectStore", ending: str, below: str = "") -> list[str]:
    import obstore

    return sorted(
        one["path"]
        for part in obstore.list(store, prefix=below.rstrip("/") or None)
        for one in part
        if one["path"].endswith(ending)
    )


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    """Tell errors of the object store and of the next stage as ours."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        why = " ".join(str(error).split())[:300]
        raise ViewError(f"{what}: not landed ({why}); the next run makes up for it") from error
