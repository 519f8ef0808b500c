"""One PostgreSQL server with an empty database `vigie`."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from vigie.errors import ServerError
from vigie.wiring.stack.server import HOST, Server, State, give, missing

_DEBIAN: Final = Path("/usr/lib/postgresql")
_TRIES: Final = 5


class PostgreSQL(Server):
    """A server whose user and database are called `vigie`."""

    name: ClassVar[str] = "postgresql"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": clients are sent away
    users: ClassVar[tuple[str, ...]] = ("postgres", "nobody")

    @property
    def url(self) -> str:
        return self.database_url("vigie")

    def database_url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database of this server."""
        return f"postgresql+psycopg://vigie:{self.password}@{HOST}:{self.port}/{database}"

    def settings(self) -> Mapping[str, str]:
        return {"VIGIE_STORE__URL": self.url}

    def check(self) -> None:
        _program("initdb")

    def prepare(self, state: State) -> None:
        data = self.folder / "data"
        if (data / "PG_VERSION").exists():
            return
        shutil.rmtree(data, ignore_errors=True)
        give(data, self.user)
        word = self.folder / "password"
        word.touch(mode=0o600)
        try:
            word.write_text(state.password, encoding="ascii")
            if self.user is not None:
                shutil.chown(word, self.user)
            self._run(
                "initdb", "-D", str(data), "-U", "vigie", "-A", "scram-sha-256", "-E", "UTF8",
                "--locale=C", f"--pwfile={word}", "-N",
            )  # fmt: skip
            self._run("postgres", "--single", "-D", str(data), "postgres",
                      told="CREATE DATABASE vigie\n")  # fmt: skip
        except ServerError:
            shutil.rmtree(data, ignore_errors=True)
            raise
        finally:
            word.unlink()

    def command(self, state: State) -> Sequence[str]:
        return [
            _program("postgres"), "-D", str(self.folder / "data"), "-p", str(state.ports[0]),
            "-c", f"listen_addresses={HOST}", "-c", "unix_socket_directories=",
            "-c", "max_connections=200",
        ]  # fmt: skip

    def ready(self, log: str) -> bool:
        return "database system is ready to accept connections" in log

    def start(self) -> None:
        # What a killed server's children still hold is freed a moment after it is gone.
        for attempt in range(_TRIES):
            try:
                super().start()
            except ServerError as error:
                held = "shared memory" in str(error) or "lock file" in str(error)
                if attempt == _TRIES - 1 or not held:
                    raise
                time.sleep(1)
            else:
                break

    def _run(self, program: str, *words: str, told: str = "") -> None:
        user = self.user
        done = subprocess.run(
            [_program(program), *words], input=told, capture_output=True, text=True, check=False,
            cwd="/", **({} if user is None else {"user": user, "extra_groups": []}),
        )  # type: ignore[call-overload]  # fmt: skip  # the user's two are left out together
        if done.returncode:
            raise ServerError(f"postgresql: {program}: {done.stderr.strip()[-300:]}")


def _program(name: str) -> str:
    """Return the path of a program of the newest PostgreSQL here."""
    versions = sorted(_DEBIAN.glob("*/bin"), key=lambda path: _number(path.parent.name))
    for folder in reversed(versions):
        if (folder / name).exists():
            return str(folder / name)
    if (found := shutil.which(name)) is None:
        raise missing("postgresql", f"its program {name}", "postgresql")
    return found


def _number(version: str) -> float:
    return float(found[0]) if (found := re.match(r"\d+(\.\d+)?", version)) else 0.0
