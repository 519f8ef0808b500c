"""What the shared options said, and the instance they lead to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vigie.errors import ConfigError, SpoolError, StoreError, ViewError

if TYPE_CHECKING:
    from vigie.config import Loaded
    from vigie.wiring import Instance


class Context:
    """The options that every command shares."""

    def __init__(
        self, *, config: Path | None = None, data_dir: Path | None = None, quiet: bool = False,
        verbose: int = 0,
    ) -> None:  # fmt: skip
        self.config, self.data_dir = config, data_dir
        self.quiet, self.verbose = quiet, verbose

    def load(self, **flags: Any) -> "Loaded":
        """Read the settings; *flags* are groups of values given on the command line."""
        from vigie.config import load

        given = {group: values for group, values in flags.items() if values}
        if self.data_dir is not None:
            given["data_dir"] = self.data_dir
        return load(given, file=self.config)


_current = Context()


def set_context(new: Context) -> None:
    """Make *new* what `context` returns."""
    global _current  # noqa: PLW0603  # Typer gives its commands no other way to share options
    _current = new


def context() -> Context:
    """Return what the shared options said."""
    return _current


@contextmanager
def instance(**flags: Any) -> "Iterator[Instance]":
    """Open the instance that settings and flags describe; close its parts at the end."""
    from vigie.wiring import Instance, set_up_log

    settings = _current.load(**flags).settings
    log = settings.log
    if _current.quiet or _current.verbose:
        level = "error" if _current.quiet else "debug"
        log = log.model_copy(update={"level": level})
    set_up_log(log)
    try:
        with Instance(settings) as opened:
            yield opened
    except (StoreError, SpoolError, ViewError, OSError):
        folder = settings.data_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"data_dir = {folder} is no folder and cannot be made one "
                f"({error.strerror or error}): name another by --data-dir or data_dir"
            ) from error
        raise


def say(text: str) -> None:
    """Tell the person something that is not data: standard error, unless --quiet."""
    if not _current.quiet:
        print(text, file=sys.stderr)
