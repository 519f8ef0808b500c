"""The group `vigie stack`: real servers on this machine, without Docker."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vigie.cli.context import context, say

if TYPE_CHECKING:
    from vigie.wiring.stack import Server
    from vigie.wiring.stack.running import Stack

stack_app = typer.Typer(
    no_args_is_help=True,
    help="Kafka, PostgreSQL, MariaDB and an S3 emulator on this machine, without Docker.",
)

NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(help="kafka, postgresql, mariadb, s3. None: all.", metavar="[SERVER]..."),
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", help="Where the servers live; `stack` in the data folder if not said.",
                 metavar="DIR"),
]  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Give the command line these commands."""
    stack_app.command("up")(up)
    stack_app.command("down")(down)
    stack_app.command("status")(status)
    app.add_typer(stack_app, name="stack")


def up(names: NamesArgument = None, folder: FolderOption = None) -> None:
    """Start servers as ordinary processes on free ports of this machine and wait for them.

    What they need is told when it is missing. Data, logs and passwords stay in their folder.

    Examples:

      vigie stack up

      vigie stack up kafka postgresql
    """

    told: set[str] = set()

    def started(server: "Server") -> None:
        for name, value in server.settings().items():
            # Two databases, one setting: the first counts, the other is there to choose.
            print(f"{'# ' if name in told else ''}export {name}={value}")
            told.add(name)

    _stack(folder).up(names or [], started, told_starting)
    where = f" --folder {folder}" if folder else ""
    say(f"running; `vigie stack down{where}` stops them")


def down(names: NamesArgument = None, folder: FolderOption = None) -> None:
    """Stop servers that `vigie stack up` started; their data stays.

    Example:

      vigie stack down
    """
    stopped = _stack(folder).down(names or [])
    print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")


def status(
    folder: FolderOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With addresses, passwords, process ids and logs.")
    ] = False,
) -> None:
    """Say which servers run and where.

    Examples:

      vigie stack status

      vigie stack status --json
    """
    from vigie.cli.output import emit_json
    from vigie.cli.secrecy import shown

    found = _stack(folder).status()
    if as_json:
        emit_json(found)
        return
    for one in found:
        state = "running" if one.running else "stopped" if one.url else "never started"
        print(f"{one.name:11} {state:14} {shown(one.url) if one.running else ''}".rstrip())


def told_starting(server: "Server") -> None:
    """Say that a server is about to start, and what takes long the first time."""
    first = f"; {server.fetches}, once" if server.fetches and not server.fetched() else ""
    say(f"{server.name}: starting{first}")


def _stack(folder: Path | None) -> "Stack":
    from vigie.wiring.stack.running import Stack

    return Stack(folder or context().load().settings.data_dir / "stack")
