"""The site in a process of its own, beside what this one does."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from vigie.cli.context import context
from vigie.cli.serving import free_port

if TYPE_CHECKING:
    from vigie.wiring import Instance

STOP_SECONDS: Final = 15.0


@contextmanager
def site_beside(here: "Instance") -> "Iterator[subprocess.Popen[bytes]]":
    """Serve the site of *here* until the block ends, in whatever way.

    Raises:
        UsageError: the port is taken.
    """
    serve = here.settings.serve
    free_port(serve.host, serve.port)
    config = context().config
    process = subprocess.Popen([
        sys.executable, "-m", "vigie", *(["--config", str(config)] if config else []),
        "--data-dir", str(here.settings.data_dir), "serve", "--host", serve.host,
        "--port", str(serve.port),
    ])  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
