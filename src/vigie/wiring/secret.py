"""The instance's secret for pseudonyms: made once, kept in the data folder for its owner alone."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

FILE_NAME: Final = "authors.secret"
_BYTES: Final = 32


def author_secret(data_dir: Path) -> bytes:
    """Return the secret; make it when there is none.

    Whoever has it can tell from an account's id which posts are its own: it is in no backup of the
    database, in no spool and no export. Without it, posts of one author get another key from now
    on.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{FILE_NAME}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(made, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(made, path)  # whoever comes first makes it; both then read the same
        made.unlink()
    return path.read_bytes()
