"""A watch on the stage: run through the wiring as the command line does, on stand-in sites."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from vigie.demo import Stage
from vigie.model.watch import Watch
from vigie.settings import Settings
from vigie.wiring import Instance, StandIn

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LOGINS = {
    "france_travail": {"client_id": "demo", "client_secret": "demo"},
    "x_api": {"bearer_token": "demo"},
    "adzuna": {"app_id": "demo", "app_key": "demo"},
}


@contextmanager
def on_stage(
    folder: Path, name: str, **world: Any
) -> Iterator[tuple[Instance, Watch, Stage, StandIn]]:
    """An instance, the shipped watch *name*, and the stage of its sites."""
    settings = Settings(data_dir=folder, logins=LOGINS)
    with Instance(settings) as here:
        watch = here.watches()[name]
        names = [source.name for source in watch.source]
        with Stage(7, NOW, only=names, **world) as stage:
            yield here, watch, stage, StandIn(stage.rewrite, stage.allow_hosts, lambda: stage.today)


def at(stage: Stage, moment: datetime) -> StandIn:
    """The stage at another time."""
    return StandIn(stage.rewrite, stage.allow_hosts, lambda: moment)


def asking(watch: Watch, name: str, **changes: Any) -> Watch:
    """The watch with other values for its source *name*."""
    return msgspec.structs.replace(
        watch,
        source=tuple(
            msgspec.structs.replace(source, **changes) if source.name == name else source
            for source in watch.source
        ),
    )


def rows_in(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV of ours."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header_of(path: Path) -> str:
    """Its first line."""
    return path.read_text(encoding="utf-8").partition("\n")[0]


def coverage_of(path: Path) -> dict[str, Any]:
    """What stands beside it."""
    told: dict[str, Any] = json.loads(path.with_name(path.name + ".coverage.json").read_bytes())
    return told


def contents(folder: Path) -> dict[str, bytes]:
    """Every data file below *folder*; sidecars tell of the run, so they are left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".coverage.json")
    }
