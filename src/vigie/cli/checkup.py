"""What `vigie doctor` looks at: each line says what was found and, if it is wrong, what to do."""

import shutil
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from vigie.cli.faults import told
from vigie.errors import ConfigError, VigieError

if TYPE_CHECKING:
    from vigie.wiring import Instance

LEAST_FREE_GB = 1.0


def check(here: "Instance") -> bool:
    """Print every finding; return whether all is well."""
    wrong: dict[str, str] = {}
    for name, look in _looks(here):
        try:
            print(f"ok    {name:10} {look()}")
        except (VigieError, OSError) as error:
            first = wrong.setdefault(str(error), name)
            print(f"wrong {name:10} {error if first == name else f'as {first}'}")
    return not wrong


def _looks(here: "Instance") -> Iterator[tuple[str, Callable[[], str]]]:
    from vigie.wiring.reach import looks

    yield "python", lambda: f"{sys.version.split()[0]} at {sys.prefix}"
    yield "folder", lambda: _folder(here)
    yield "database", lambda: _database(here)
    yield "spool", lambda: _spool(here)
    yield "index", lambda: _index(here)
    yield from looks(here)
    yield "sources", lambda: _sources(here)
    yield "recipes", lambda: told(here)


def _folder(here: "Instance") -> str:
    folder = here.settings.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / ".probe"
    probe.write_bytes(b"x")
    probe.unlink()
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < LEAST_FREE_GB:
        raise OSError(f"{folder}: only {free_gb:.1f} GB are free; make room or move data_dir")
    return f"{folder}, {free_gb:.0f} GB free"


def _database(here: "Instance") -> str:
    counts = {kind: here.store.counts(kind)["open"] for kind in ("job", "ad", "post", "figure")}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _spool(here: "Instance") -> str:
    from vigie.wiring.spooling import left_behind

    if left := left_behind(here.settings):
        raise ConfigError(
            f"{len(left)} segments in {left[0].parent.parent} wait for a bucket or for brokers "
            f"that spool.url does not name: give it the address it had, run `vigie process`, "
            f"change it then"
        )
    segments = here.spool_upkeep.segments()
    size = sum(segment.size_bytes or 0 for segment in segments)
    return f"{len(segments)} segments, {size / 1e6:.1f} MB"


def _index(here: "Instance") -> str:
    behind = here.store.feed.last() - here.search.cursor()
    if behind:
        here.follower.settle()
        return f"was {behind} changes behind the database; caught up"
    return "agrees with the database's feed"


def _sources(here: "Instance") -> str:
    return ", ".join(here.source_classes()[0])
