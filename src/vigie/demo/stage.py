"""The stage: every stand-in site served on loopback, showing the same invented world."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType

from vigie.demo.contents import Contents
from vigie.demo.fault import Fault
from vigie.demo.server import Asked, SiteServer
from vigie.demo.site import Site
from vigie.demo.world import ADS, JOBS, World


def stand_ins() -> dict[str, Site]:
    """Return every stand-in by its source's name: what the modules of `sites` export as
    ``STAND_IN``."""
    import vigie.demo.sites

    found = (
        importlib.import_module(f"{vigie.demo.sites.__name__}.{module.name}")
        for module in pkgutil.iter_modules(vigie.demo.sites.__path__)
    )
    made: list[Site] = [module.STAND_IN() for module in found if hasattr(module, "STAND_IN")]
    return {site.name: site for site in sorted(made, key=lambda site: site.name)}


class Stage:
    """Stand-in sites, their visits and their faults. A context manager."""

    def __init__(
        self,
        seed: int,
        now: datetime,
        visit: int = 0,
        *,
        jobs: int = JOBS,
        ads: int = ADS,
        only: Iterable[str] | None = None,
    ) -> None:
        """Serve the world of *seed*.

        Args:
            now: UTC, the time of visit 0; visit n shows the world n days later (`today`).
            only: Names of the sites to serve. None: all.
        """
        self.world = World(seed, now, visit, jobs, ads)
        contents = Contents.of(self.world)
        chosen = None if only is None else set(only)
        self._sites = {
            name: SiteServer(site, contents)
            for name, site in stand_ins().items()
            if chosen is None or name in chosen
        }

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def today(self) -> datetime:
        """The time of this visit, in UTC: what a collector's clock should say."""
        return self.world.today

    @property
    def rewrite(self) -> Mapping[str, str]:
        """Real origin → where it is served; pictures' origins included."""
        return {
            # A system with a host for each board is served on one port: a folder for each.
            real: server.origin + getattr(server.site, "folders", {}).get(real, "")
            for server in self._sites.values()
            for real in server.site.origins
        }

    @property
    def allow_hosts(self) -> frozenset[str]:
        """``host:port`` of every stand-in."""
        return frozenset(f"127.0.0.1:{server.port}" for server in self._sites.values())

    def names(self) -> tuple[str, ...]:
        """Return the sources that have a stand-in here."""
        return tuple(self._sites)

    def origin(self, site: str) -> str:
        """Return where *site* is served."""
        return self._sites[site].origin

    def asked(self, site: str) -> tuple[Asked, ...]:
        """Return every request that *site* received so far."""
        return tuple(self._sites[site].asked)

    def fail(self, site: str, fault: Fault | None) -> None:
        """Let *site* show *fault*; None: be well again."""
        self._sites[site].fail(fault)

    def silence(self, site: str) -> None:
        """Close *site*: connections to it are refused from now on."""
        self._sites[site].close()

    def next_visit(self) -> datetime:
        """Let a day pass: some listings go, some come, some are cheaper. Return the new time."""
        self.world = self.world.next()
        contents = Contents.of(self.world)
        for server in self._sites.values():
            server.show(contents)
        return self.today

    def close(self) -> None:
        """Stop serving."""
        for server in self._sites.values():
            server.close()
