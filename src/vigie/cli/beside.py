"""Other parts of Vigie in processes of their own, beside what this one does."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from vigie.cli.context import context, say
from vigie.cli.serving import free_port
from vigie.errors import ConfigError

if TYPE_CHECKING:
    from vigie.wiring import Instance

STOP_SECONDS: Final = 15.0
ENGINE_STOP_SECONDS: Final = 60.0
"""A batch that is being stored is ended first, and Spark takes its time to leave."""
AGAIN_SECONDS: Final = 2.0


@contextmanager
def site_beside(here: "Instance") -> "Iterator[subprocess.Popen[bytes]]":
    """Serve the site of *here* until the block ends, in whatever way.

    Raises:
        UsageError: the port is taken.
    """
    serve = here.settings.serve
    free_port(serve.host, serve.port)
    process = _start(here, ["serve", "--host", serve.host, "--port", str(serve.port)])
    try:
        yield process
    finally:
        _end(process, STOP_SECONDS)


@contextmanager
def engine_beside(here: "Instance") -> Iterator[None]:
    """Process what is spooled, by the settings of `[process]`, until the block ends. An engine that
    dies is started again: it goes on where its rows end."""
    process = here.settings.process
    command = ["process", "--engine", process.engine, "--trigger", process.trigger]
    stop = threading.Event()
    running = [_start(here, command)]

    def look_after() -> None:
        while not stop.wait(AGAIN_SECONDS):
            code = running[0].poll()
            if code == ConfigError.code:
                say("the engine cannot run with these settings: see above; captures are kept")
                return
            if code is not None:
                say(f"the engine ended with {code}; it is started again")
                running[0] = _start(here, command)

    watcher = threading.Thread(target=look_after, name="engine", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join()
        _end(running[0], ENGINE_STOP_SECONDS)


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
