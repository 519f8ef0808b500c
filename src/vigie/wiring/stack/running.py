"""The stack as a whole: which servers run, starting them, stopping every one."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from vigie.errors import UsageError
from vigie.wiring.stack import SERVERS, Server

LOCK: Final = "lock"


class Told(msgspec.Struct, frozen=True):
    """One server as `vigie stack status` tells it."""

    name: str
    running: bool
    pid: int | None
    url: str
    """Empty: it was never started."""
    settings: Mapping[str, str]
    """Environment variables that make Vigie use it."""
    log: str


class Stack:
    """The servers of one folder."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self._folder = folder
        cache = cache or cache_folder()
        self.servers: dict[str, Server] = {
            name: made(folder, cache=cache) for name, made in SERVERS.items()
        }

    def up(
        self, names: Sequence[str], on_start: Callable[[Server], None] = lambda _: None,
        on_begin: Callable[[Server], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """Start *names*, all when there are none; those that run are left alone.

        Args:
            on_start: Told each server that runs now. on_begin: Told each that is about to start.

        Raises:
            UsageError: no server is called so. ServerMissing: a program is not here; those before
                it run. ServerError: one does not come up.
        """
        with self._alone():
            for server in self._named(names):
                if server.pid is None:
                    on_begin(server)
                server.start()
                on_start(server)

    def down(self, names: Sequence[str]) -> list[str]:
        """Stop *names*, all when there are none; return those that ran."""
        if not self._folder.is_dir():
            return []
        with self._alone():
            ran = [server for server in self._named(names) if server.pid is not None]
            for server in reversed(ran):
                server.stop()
        return [server.name for server in ran]

    def status(self) -> list[Told]:
        """Return what is known of every server."""
        return [_told(server) for server in self.servers.values()]

    def _named(self, names: Sequence[str]) -> list[Server]:
        for name in names:
            if name not in self.servers:
                raise UsageError(f"no server is called {name!r}: {', '.join(self.servers)}")
        return [server for name, server in self.servers.items() if not names or name in names]

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Let nobody else start or stop servers of this folder meanwhile."""
        try:
            import fcntl
        except ImportError:  # Windows: `start` refuses there
            yield
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / LOCK).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def cache_folder() -> Path:
    """Return where what is fetched once is kept."""
    return Path(platformdirs.user_cache_dir("vigie"))


def _told(server: Server) -> Told:
    known = (server.folder / "server.json").exists()
    return Told(
        server.name, server.pid is not None, server.pid, server.url if known else "",
        server.settings() if known else {}, str(server.log),
    )  # fmt: skip
