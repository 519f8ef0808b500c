"""One MariaDB server (MySQL's protocol) with an empty database `vigie`."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from vigie.errors import ServerError
from vigie.wiring.stack.server import HOST, Server, State, answers, give, missing

_FIRST: Final = """\
CREATE DATABASE IF NOT EXISTS vigie CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'vigie'@'127.0.0.1' IDENTIFIED BY '{password}';
GRANT ALL ON *.* TO 'vigie'@'127.0.0.1' WITH GRANT OPTION;
"""


class MariaDB(Server):
    """A server whose user and database are called `vigie`."""

    name: ClassVar[str] = "mariadb"
    users: ClassVar[tuple[str, ...]] = ("mysql", "nobody")

    @property
    def url(self) -> str:
        return self.database_url("vigie")

    def database_url(self, database: str) -> str:
        """Return the SQLAlchemy address of a database of this server."""
        host = f"{HOST}:{self.port}"
        return f"mysql+pymysql://vigie:{self.password}@{host}/{database}?charset=utf8mb4"

    def settings(self) -> Mapping[str, str]:
        return {"VIGIE_STORE__URL": self.url}

    def check(self) -> None:
        for name in ("mariadbd", "mariadb-install-db"):
            _program(name)

    def prepare(self, state: State) -> None:
        data, user = self.folder / "data", self.user
        if not (data / "mysql").is_dir():
            shutil.rmtree(data, ignore_errors=True)
            give(data, user)
            # Its root may come in through the socket alone, and only as this machine's root.
            told = subprocess.run(
                [_program("mariadb-install-db"), "--no-defaults", f"--datadir={data}",
                 "--auth-root-authentication-method=socket", "--skip-test-db",
                 *([f"--user={user}"] if user else [])],
                capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, cwd="/",
            )  # fmt: skip
            if told.returncode:
                shutil.rmtree(data, ignore_errors=True)
                last = " | ".join((told.stdout + told.stderr).strip().splitlines()[-3:])
                raise ServerError(f"mariadb: its folder cannot be made: {last}")
        first = data / "first.sql"
        first.touch(mode=0o600)
        first.write_text(_FIRST.format(password=state.password), encoding="ascii")
        if user is not None:
            shutil.chown(first, user)

    def command(self, state: State) -> Sequence[str]:
        data = self.folder / "data"
        return [
            _program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--bind-address={HOST}",
            f"--port={state.ports[0]}", f"--socket={data / 's'}", f"--pid-file={data / 'pid'}",
            f"--init-file={data / 'first.sql'}", "--skip-name-resolve",
            "--character-set-server=utf8mb4", "--max-connections=200",
        ]  # fmt: skip

    def ready(self, log: str) -> bool:
        return "ready for connections" in log and answers(self.port)


def _program(name: str) -> str:
    for folder in (None, "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"):
        if (found := shutil.which(name, path=folder)) is not None:
            return found
    raise missing("mariadb", f"its program {name}", "mariadb-server")
