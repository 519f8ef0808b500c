"""What an instance makes once and keeps in its data folder: the secret for pseudonyms, its name."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

FILE_NAME: Final = "authors.secret"
ID_FILE: Final = "instance.id"
_BYTES: Final = 32


def author_secret(data_dir: Path) -> bytes:
    """Return the secret; make it when there is none.

    Whoever has it can tell from an account's id which posts are its own: it is in no backup of the
    database, in no spool and no export. Without it, posts of one author get another key from now
    on.
    """
    return _kept(data_dir / FILE_NAME, lambda: secrets.token_bytes(_BYTES))


def instance_id(data_dir: Path) -> str:
    """Return the instance's name where several share something, such as brokers; make it when there
    is none.

    Machines that use one store give the same one: they share the data folder or have a copy of the
    file. Without it the instance is another one, and publishes everything once more.
    """
    made = _kept(data_dir / ID_FILE, lambda: secrets.token_hex(8).encode())
    return made.decode("ascii", "replace").strip()


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return what the file holds; make it, for its owner alone, when there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(made, path)  # whoever comes first makes it; both then read the same
        made.unlink()
    return path.read_bytes()
