"""A stage of stand-in sites, a spool and an agenda on disk, and a collection between them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from vigie import sources
from vigie.collect.job import Job, Options, Progress, Report, utc_now
from vigie.collect.run import collect
from vigie.demo import Stage
from vigie.model.capture import Capture, Entry, Failure, Query, RunEnd
from vigie.spool.files import FileSpool
from vigie.store import StoreAgenda, open_store

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass
class Outpost:
    """Everything a collection needs, on one temporary folder."""

    stage: Stage
    folder: Path
    spool: FileSpool
    agenda: StoreAgenda
    told: list[Progress] = field(default_factory=list)

    def job(self, name: str, *queries: Query, watch: str = "w", **settings: object) -> Job:
        login_class = sources.login_class(name)
        login = login_class(client_id="us", client_secret="hush") if login_class else None
        return Job(
            name=name, source=sources.make(name, settings), watch=watch,
            queries=queries or (Query(name="all"),), login=login,
        )  # fmt: skip

    def options(self, **changed: Any) -> Options:
        chosen: dict[str, Any] = {
            "user_agent": "Vigie/test (+https://example.org)", "pause_seconds": 0.0,
            "timeout_seconds": 5.0, "backoff_seconds": 0.02,
            "allow_hosts": self.stage.allow_hosts, "rewrite": self.stage.rewrite,
        }  # fmt: skip
        return Options(**(chosen | changed))

    def collect(
        self, *jobs: Job, now: Callable[[], datetime] = utc_now, **changed: Any
    ) -> list[Report]:
        return collect(
            jobs, self.spool, self.agenda, self.options(**changed),
            on_progress=self.told.append, now=now,
        )  # fmt: skip

    def entries(self) -> list[Entry]:
        reader = FileSpool(self.spool.folder)
        return [entry for _, batch in reader.read("test", {}) for entry in batch]

    def captures(self) -> list[Capture]:
        return [entry for entry in self.entries() if isinstance(entry, Capture)]

    def failures(self) -> list[Failure]:
        return [entry for entry in self.entries() if isinstance(entry, Failure)]

    def ends(self) -> list[RunEnd]:
        return [entry for entry in self.entries() if isinstance(entry, RunEnd)]

    def listed(self, name: str) -> set[str]:
        """Return the native ids that the spooled captures of *name* show."""
        source = sources.make(name)
        found: set[str] = set()
        for page in self.captures():
            if page.source == name:
                found |= _ids(source, page)
        return found

    def pages(self, site: str) -> Sequence[str]:
        """Return the paths that *site* was asked for, robots.txt and logins left out."""
        return [
            one.path
            for one in self.stage.asked(site)
            if one.path != "/robots.txt" and "oauth2" not in one.path
        ]


def _ids(source: Any, page: Capture) -> set[str]:
    from vigie.errors import RecordError, SourceError

    found = set()
    try:
        items = source.items(page)
    except SourceError:
        return set()
    for item in items:
        try:
            found.add(source.read(item, page).native_id)
        except RecordError:
            continue
    return found


@pytest.fixture
def outpost(tmp_path: Path) -> Iterator[Outpost]:
    store = open_store(f"sqlite:///{tmp_path / 'vigie.db'}")
    with Stage(seed=3, now=NOW, jobs=300, ads=400) as stage:
        post = Outpost(stage, tmp_path, FileSpool(tmp_path / "spool"), StoreAgenda(store.database))
        yield post
        post.spool.close()
    store.close()
