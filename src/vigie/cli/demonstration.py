"""The demo: stand-in sites on loopback, collected for real, then shown.

A day passes between two visits: some ads go, some come, some are cheaper. One site is visited on
the first days only, so it is late; another fails in the middle of its last visit. So the page of
sources has something to show. The demo's data lies in a folder of its own, made anew each time.
"""

import shutil
import time
import webbrowser
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from vigie.cli.context import context, say
from vigie.errors import UsageError
from vigie.model.capture import Query
from vigie.model.fates import Fates

if TYPE_CHECKING:
    from vigie.demo import Stage
    from vigie.settings import Settings
    from vigie.wiring import Instance

HINT: Final = "All listings are invented. Stop with Ctrl-C. Real ones: vigie init, vigie collect"
SEED: Final = 7
DAYS: Final = 6
"""How long ago the first visit was."""
REGULAR_DAYS: Final = 3
"""Days on which the site that is late was still visited: enough to know its pace."""
SITES: Final = ("avito_ma", "france_travail", "marocannonces")
"""What the demo visits: enough to show everything, few enough to be ready in seconds."""
LATE: Final = "marocannonces"
FAILING: Final = "france_travail"
MARK: Final = "this-is-the-demo"
CREDENTIALS: Final = {"client_id": "demo", "client_secret": "demo"}
"""What the stand-in of an API with a login is told; no secret of anybody."""


def run_demo(*, port: int, open_browser: bool, once: bool) -> None:
    """Collect from the stand-in sites and serve what came of it, until interrupted."""
    from vigie.cli.serving import next_free_port, run_site
    from vigie.demo import Stage
    from vigie.wiring import Instance, now, set_up_log

    started = time.perf_counter()
    folder = _clean_folder()
    settings = context().load(serve={"port": port}).settings
    chosen = next_free_port(settings.serve.host, port)
    settings = _for_demo(settings, folder, chosen)
    set_up_log(settings.log)
    with Stage(SEED, now() - timedelta(days=DAYS), only=SITES) as stage, Instance(settings) as here:
        fates = _act(here, stage)
        counts = {kind: here.store.counts(kind)["open"] for kind in ("job", "ad")}
        told = fates.counts()
        found = told.pop("found")
        print(f"{found} found: " + ", ".join(f"{n} {name}" for name, n in told.items() if n))
        print(f"{counts['job']} jobs and {counts['ad']} ads are open")
        if once:
            return
        if chosen != port:
            say(f"port {port} is taken: using {chosen}")

        def ready(address: str) -> None:
            seconds = time.perf_counter() - started
            print(f"Vigie's demo is ready after {seconds:.1f} s: {address}", flush=True)
            print(HINT)
            if open_browser:
                webbrowser.open(address)

        run_site(here, stage.rewrite, ready)


def _act(here: "Instance", stage: "Stage") -> Fates:
    """Let the days pass, visiting; return what was found."""
    from vigie.demo import Fault

    for day in range(DAYS - 1):
        if day < REGULAR_DAYS:
            _collect(here, stage, [LATE])
        stage.next_visit()
    others = [name for name in stage.names() if name != LATE]
    _collect(here, stage, others)
    fates = here.process()
    stage.next_visit()
    stage.fail(FAILING, Fault(kind="status", status=500, after=12))
    _collect(here, stage, others)
    return fates + here.process()


def _collect(here: "Instance", stage: "Stage", names: list[str]) -> None:
    """Visit these sites once, at the time that the stage shows."""
    from vigie.wiring import StandIn, now

    behind = now() - stage.today  # the clock runs, on that day: pauses and retries need it to
    stand_in = StandIn(stage.rewrite, stage.allow_hosts, lambda: now() - behind)
    jobs = [
        here.job(name, (Query(),), watch="demo", misses=1, credentials=CREDENTIALS)
        for name in names
    ]
    here.collect(jobs, stand_in=stand_in)


def _clean_folder() -> Path:
    """Return an empty folder for the demo; only one that a demo made is ever removed.

    Raises:
        UsageError: the folder given holds something else.
    """
    base = context().data_dir
    folder = base if base is not None else Path(platformdirs.user_cache_dir("vigie")) / "demo"
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise UsageError(f"{folder} holds data that no demo made; it was not touched")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARK).touch()
    return folder


def _for_demo(settings: "Settings", folder: Path, port: int) -> "Settings":
    """Return the settings with the demo's folder: its data and yours never mix."""
    from vigie.settings import SpoolSettings, StoreSettings

    return settings.model_copy(
        update={
            "data_dir": folder, "store": StoreSettings(), "spool": SpoolSettings(),
            "serve": settings.serve.model_copy(update={"port": port}), "sources": {},
        }
    )  # fmt: skip
