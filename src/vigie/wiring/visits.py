"""Visiting sources and bringing files, with an instance's settings."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from vigie.errors import StoreError, UsageError
from vigie.model.capture import LONGEST_NAME
from vigie.wiring.clock import now
from vigie.wiring.parts import Parts
from vigie.wiring.stage import StandIn

log = structlog.get_logger(__name__)

if TYPE_CHECKING:
    from vigie.collect.file_told import Imported
    from vigie.collect.job import Job as Job  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Options
    from vigie.collect.job import Progress as Progress  # noqa: PLC0414  # cli/ names its types by us
    from vigie.collect.job import Report as Report  # noqa: PLC0414  # cli/ names its types by us
    from vigie.model.capture import Query
    from vigie.model.checks import Checked


class Visits(Parts):
    """What an instance can ask of sites."""

    def import_files(
        self, paths: Sequence[Path], name: str, *, on_capture: Callable[[Path, int], None] | None,
        **options: Any,
    ) -> "Imported":  # fmt: skip
        """Bring files to the spool as captures of source *name* (see `collect.importing`)."""
        from vigie.collect.importing import import_files
        from vigie.model.identity import run_id

        at = now()
        check_name(options.get("query", ""))
        try:
            return import_files(
                paths, self.source(name), self.spool, name=name,
                run=run_id(at, secrets.token_hex(8)), now=at, on_capture=on_capture,
                known_at=self._first_brought, **options,
            )  # fmt: skip
        finally:
            self.spool.close()  # readers of a bucket see what is sealed

    def _first_brought(self, capture_id: str) -> datetime | None:
        """Return when an undated page was first brought; None too when the server cannot say now:
        it is then spooled once more, which costs room and changes no listing."""
        try:
            return self.store.captured_at(capture_id)
        except StoreError as error:
            if self.settings.store_url.startswith("sqlite:"):
                raise  # a folder's fault is one of captures too
            log.warning("page not looked up", why=str(error))
            return None

    def collect(
        self, jobs: "Sequence[Job]", *, on_progress: "Callable[[Progress], None] | None" = None,
        stand_in: "StandIn | None" = None,
    ) -> "list[Report]":  # fmt: skip
        """Visit sources and spool what they answer (see `collect.run`).

        Args:
            stand_in: The demo's sites: where they are, and the time they show.
        """
        from vigie.collect.run import collect

        options = self._options(stand_in)
        clock = now if stand_in is None else stand_in.clock
        try:
            return collect(
                jobs, self.spool, self.agenda, options, on_progress=on_progress, now=clock
            )
        finally:
            self.spool.close()

    def check_sources(
        self, names: "Sequence[str] | None", stand_in: "StandIn | None" = None
    ) -> "list[Checked]":
        """Ask live sites whether they still are as their sources know them (see
        `collect.check`)."""
        from vigie.wiring.checks import check_sources

        return check_sources(self, names, self._options(stand_in), stand_in)

    def _options(self, stand_in: "StandIn | None") -> "Options":
        from vigie import __version__
        from vigie.collect.job import Options, user_agent

        limits = self.settings.collect
        return Options(
            user_agent=user_agent(__version__, limits.contact),
            timeout_seconds=limits.timeout_seconds, retries=limits.retries,
            redirects=limits.redirects, body_limit_bytes=int(limits.body_limit_mb * 1e6),
            proxy=limits.proxy or None,
            **({} if stand_in is None else stand_in.options()),
        )  # fmt: skip

    def job(
        self, name: str, queries: "Sequence[Query]", *, watch: str = "", misses: int = 2,
        settings: Mapping[str, Any] | None = None, credentials: Mapping[str, str] | None = None,
    ) -> "Job":  # fmt: skip
        """Return what to ask of source *name*, with its login if it needs one.

        Raises:
            UsageError: no source is called so, or it reads files and cannot be visited.
        """
        import dataclasses

        from vigie import sources
        from vigie.collect.job import Job

        source = self.source(name, settings)
        for query in queries:
            check_name(query.name)
        if getattr(source, "files_only", False):
            raise UsageError(f"{name} reads files: use `vigie import FILE --map {name}`")
        login = None
        if (made := sources.login_class(name, self.settings.maps_folder)) is not None:
            known = self.settings.logins.get(name, {})
            given = {key: secret.get_secret_value() for key, secret in known.items()}
            given |= dict(credentials or {})
            # A credential that is missing stays empty: the login itself says so, for its source.
            names = [part.name for part in dataclasses.fields(made)]
            login = made(**{name: given.get(name, "") for name in names})
        limits, pause_rule = self.settings.collect, "source"
        if (
            "pause_seconds" in limits.model_fields_set
            and source.pause_seconds < limits.pause_seconds
        ):
            source = dataclasses.replace(source, pause_seconds=limits.pause_seconds)  # type: ignore[type-var]  # sources are dataclasses
            pause_rule = "settings"
        return Job(name=name, source=source, watch=watch, queries=tuple(queries), login=login,
                   misses=misses, pause_rule=pause_rule)  # fmt: skip


def check_name(query: str) -> None:
    """Refuse a query whose name no store could keep.

    Raises:
        UsageError: it is too long.
    """
    if len(query) > LONGEST_NAME:
        raise UsageError(
            f"the query {query[:40]!r}… has a name of {len(query)} characters: at most "
            f"{LONGEST_NAME} are kept"
        )


def login_keys(here: Parts, name: str) -> tuple[str, ...]:
    """Return the names of the credentials that source *name* needs.

    Raises:
        UsageError: no source is called so. ConfigError: it cannot be loaded.
    """
    import dataclasses

    from vigie import sources

    made = sources.login_class(name, here.settings.maps_folder)
    return () if made is None else tuple(part.name for part in dataclasses.fields(made))
