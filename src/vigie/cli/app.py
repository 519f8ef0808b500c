"""The `vigie` command: its groups, the options every command shares, and how errors end it.

Data goes to standard output, everything else to standard error. Exit codes: 0 done (an honest
empty result included), 1 failed, 2 usage or settings, 3 partial (some sources failed, the rest is
stored), 4 refused (nothing collected), 5 a data check failed, 130 interrupted,
143 ended by SIGTERM (0 by what goes on until then: `serve`, `process --trigger`).
"""

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from vigie import __version__
from vigie.cli import (
    collecting,
    erasing,
    importing,
    keeping,
    lake,
    operating,
    processing,
    reading,
    sources,
    stack,
    watching,
)
from vigie.cli.context import Context, set_context
from vigie.errors import VigieError

app = typer.Typer(
    name="vigie",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Try it: vigie demo. Then: vigie init, vigie collect, vigie serve.",
)
collecting.add_to(app)
processing.add_to(app)
importing.add_to(app)
watching.add_to(app)
reading.add_to(app)
operating.add_to(app)
sources.add_to(app)
keeping.add_to(app)
erasing.add_to(app)
lake.add_to(app)
stack.add_to(app)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"vigie {__version__}")
        raise typer.Exit


@app.callback()
def shared(
    config: Annotated[
        Path | None, typer.Option("--config", help="Read this settings file.", metavar="FILE")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="Folder of database, spool and index.", metavar="DIR"),
    ] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only errors.")] = False,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Say more; -vv: tracebacks.")
    ] = 0,
    _: Annotated[
        bool,
        typer.Option("-V", "--version", callback=_version, is_eager=True, help="Print version."),
    ] = False,
) -> None:
    """Watch public listings and keep one clean, searchable copy on your own machine."""
    set_context(Context(config=config, data_dir=data_dir, quiet=quiet, verbose=verbose))


class Terminated(KeyboardInterrupt):
    """SIGTERM came: a service manager or `kill` asks for the end."""


@contextmanager
def orderly_end() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does, so that what runs beside is ended too."""

    def ask(_number: int, _frame: object) -> None:
        raise Terminated

    try:
        before = signal.signal(signal.SIGTERM, ask)
    except ValueError:  # not the main thread: signals are not ours
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main() -> None:
    """Run the command line; a VigieError is one line and its own exit code."""
    try:
        with orderly_end():
            _run()
    except VigieError as error:
        sys.exit(_report(error))
    except BrokenPipeError:
        # The reader of our output left (`vigie search … | head`): not an error.
        _silence()
        sys.exit(0)
    except KeyboardInterrupt as end:
        print("interrupted; what was done so far is kept", file=sys.stderr)
        sys.exit(143 if isinstance(end, Terminated) else 130)
    except OSError as error:
        if not error.filename and error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise
        print(f"error: {error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        _silence()
        sys.exit(1)


def _run() -> None:
    try:
        app(prog_name="vigie")
    except SystemExit as end:
        # Typer and Rich turn a reader that left into exit code 1, each in its own way, and Typer
        # ends an interrupted command without a word.
        for why in (end.__context__, getattr(end.__context__, "__context__", None)):
            if isinstance(why, (BrokenPipeError, KeyboardInterrupt)):
                raise why from None
        raise
    finally:
        sys.stdout.flush()  # a full disk or a closed pipe is told now, not while Python ends


def _silence() -> None:
    """Let what is still buffered for standard output go nowhere, so that Python ends quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: VigieError) -> int:
    from vigie.cli.context import context

    if context().verbose > 1:
        import traceback

        traceback.print_exception(error)
    print(f"error: {error}", file=sys.stderr)
    return error.code
