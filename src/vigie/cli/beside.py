"""Other parts of Vigie in processes of their own, beside what this one does."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NoReturn

from vigie.cli.context import context, say
from vigie.cli.serving import free_port
from vigie.errors import ConfigError, Missing

if TYPE_CHECKING:
    from vigie.model.watch import Watch
    from vigie.wiring import Instance, StandIn
    from vigie.wiring.watching import Chosen

STOP_SECONDS: Final = 15.0
ENGINE_STOP_SECONDS: Final = 60.0
"""A batch that is being stored is ended first, and Spark takes its time to leave."""
AGAIN_SECONDS: Final = 2.0
LONGEST_PAUSE_SECONDS: Final = 60.0
STACK: Final = ("kafka", "mariadb")
NEEDED: Final = {"pyspark": "spark", "confluent_kafka": "kafka", "pymysql": "mysql"}
ON_SPARK: Final = {"VIGIE_PROCESS__ENGINE": "spark", "VIGIE_PROCESS__TRIGGER": "10s"}


def run_live(
    here: "Instance", watch: "Watch", only: "Chosen", *, serve: bool, spool_only: bool = False,
    stand_in: "StandIn | None" = None,
) -> NoReturn:  # fmt: skip
    """Visit each source of *watch* at its cadence until interrupted, with the site beside it if
    *serve*, and with the engine where that is Spark: it takes its time to start.

    Raises:
        UsageError: nothing in the watch has a cadence, or the site's port is taken.
    """
    from vigie.cli.visiting import keep_visiting

    beside = here.settings.process.engine == "spark" and not spool_only
    with (
        site_beside(here) if serve else nullcontext(),
        engine_beside(here) if beside else nullcontext(),
    ):
        keep_visiting(
            here, watch, only, spool_only=spool_only, stand_in=stand_in, beside=beside
        )  # fmt: skip


@contextmanager
def site_beside(here: "Instance") -> "Iterator[subprocess.Popen[bytes]]":
    """Serve the site of *here* until the block ends, in whatever way. Gives its first process; one
    that dies is started again.

    Raises:
        UsageError: the port is taken.
    """
    serve = here.settings.serve
    free_port(serve.host, serve.port, "VIGIE_SERVE__PORT=")
    command = ["serve", "--host", serve.host, "--port", str(serve.port)]
    with _running("site", here, command, STOP_SECONDS) as process:
        yield process


@contextmanager
def engine_beside(here: "Instance") -> Iterator[None]:
    """Process what is spooled, by the settings of `[process]`, until the block ends. An engine that
    dies is started again: it goes on where its rows end."""
    process = here.settings.process
    command = ["process", "--engine", process.engine, "--trigger", process.trigger]
    with _running("engine", here, command, ENGINE_STOP_SECONDS):
        yield


@contextmanager
def _running(
    name: str, here: "Instance", command: Sequence[str], seconds: float
) -> "Iterator[subprocess.Popen[bytes]]":
    stop = threading.Event()
    running = [_start(here, command)]

    def look_after() -> None:
        pause, started = AGAIN_SECONDS, time.monotonic()
        while not stop.wait(AGAIN_SECONDS):
            code = running[0].poll()
            if code is None:
                continue
            if code == ConfigError.code:
                say(f"the {name} cannot run with these settings: see above; captures are kept")
                return
            # One that ran for long died of something new: it is not made to wait for the old.
            long = time.monotonic() - started > LONGEST_PAUSE_SECONDS
            pause = AGAIN_SECONDS if long else min(2 * pause, LONGEST_PAUSE_SECONDS)
            say(f"the {name} ended with {code}; it is started again in {pause:.0f} s")
            if stop.wait(pause):  # Ctrl-C reaches us all: it ended because we are ending
                return
            running[0], started = _start(here, command), time.monotonic()

    watcher = threading.Thread(target=look_after, name=name, daemon=True)
    watcher.start()
    try:
        yield running[0]
    finally:
        stop.set()
        watcher.join()
        _end(running[0], seconds)


@contextmanager
def stack_beside() -> Iterator[None]:
    """Start Kafka and MariaDB on this machine, and let this process and those it starts use them,
    with Spark as the engine, until the block ends. Servers that ran before stay up.

    Raises:
        ServerMissing: a program is not here. ServerError: one does not come up. Missing: a part of
            `./vigie extras` is not installed.
    """
    from vigie.cli.stack import told_starting
    from vigie.wiring.stack.running import Stack

    for module, extra in NEEDED.items():
        if find_spec(module) is None:
            raise Missing("--stack", extra)
    stack = Stack(context().load().settings.data_dir / "stack")
    before = dict(os.environ)
    names = [one.name for one in stack.status() if one.name in STACK and not one.running]
    try:
        stack.up(STACK, on_begin=told_starting)
        # Children read the environment; a password given as an option would show in their names.
        for server in STACK:
            os.environ.update(stack.servers[server].settings())
        os.environ.update(ON_SPARK)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        for server in stack.down(names) if names else ():
            say(f"{server}: stopped")


def _start(here: "Instance", command: Sequence[str]) -> "subprocess.Popen[bytes]":
    config = context().config
    return subprocess.Popen([
        sys.executable, "-m", "vigie", *(["--config", str(config)] if config else []),
        "--data-dir", str(here.settings.data_dir), *command,
    ])  # fmt: skip


def _end(process: "subprocess.Popen[bytes]", seconds: float) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
