"""One process at a time migrates a database; the others wait and find it done."""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from sqlalchemy import Connection

from vigie.errors import StoreError
from vigie.store import dialect

try:
    import fcntl
except ImportError:  # Windows: two processes must not open a new file at once there
    fcntl = None  # type: ignore[assignment]  # Windows has none

if TYPE_CHECKING:
    from vigie.store.database import Database

LOCK: Final = 0x76696769  # "vigi"
WAIT_SECONDS: Final = 60
_LOOK_SECONDS: Final = 0.05


@contextlib.contextmanager
def alone(database: "Database", connection: Connection) -> Iterator[None]:
    """Hold the lock of whoever migrates this database: the server's, or a file beside the file.

    Raises:
        StoreError: another process has held it for too long.
    """
    if database.dialect.is_server:
        with _at_server(database, connection):
            yield
    elif database.path is not None and fcntl is not None:
        with _beside(Path(f"{database.path}.migrating"), database.where):
            yield
    else:  # nobody else knows a database in memory
        yield


@contextlib.contextmanager
def _at_server(database: "Database", connection: Connection) -> Iterator[None]:
    if database.dialect is dialect.POSTGRESQL:
        take, give, key = "SELECT pg_advisory_lock(?)", "SELECT pg_advisory_unlock(?)", LOCK
    else:
        # A name holds for the whole server, at most 64 characters of it.
        key = f"vigie {database.url.database}"[:64]  # type: ignore[assignment]  # of the driver's
        take, give = f"SELECT GET_LOCK(?, {WAIT_SECONDS})", "SELECT RELEASE_LOCK(?)"
    held = connection.exec_driver_sql(take, (key,)).scalar()
    connection.commit()
    if database.dialect is dialect.MYSQL and held != 1:
        raise _taken(database.where)
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql(give, (key,))
        connection.commit()


@contextlib.contextmanager
def _beside(path: Path, where: str) -> Iterator[None]:
    """Hold the lock of the file *path*, which is there for as long as anybody migrates.

    A lock of SQLite's own would end with every commit of the migration.
    """
    until = time.monotonic() + WAIT_SECONDS
    with contextlib.ExitStack() as opened:
        while not _held(_opened(path, opened), path):
            opened.close()
            if time.monotonic() > until:
                raise _taken(where)
            time.sleep(_LOOK_SECONDS)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _opened(path: Path, stack: contextlib.ExitStack) -> BinaryIO:
    try:
        return stack.enter_context(path.open("ab"))
    except OSError as error:
        raise StoreError(f"cannot make {path}: {error.strerror}") from None


def _held(file: BinaryIO, path: Path) -> bool:
    """Take the lock; False when another process has it, or has removed the file it was on."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _taken(where: str) -> StoreError:
    return StoreError(f"another process has migrated {where} for over {WAIT_SECONDS} s: try again")
