"""A progress line on standard error: only on a terminal, and never when --quiet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vigie.cli.context import context


@contextmanager
def batches(title: str, unit: str = "listings") -> Iterator[Callable[[int], None]]:
    """Give a function to call with the size of each batch done."""
    if context().quiet or not sys.stderr.isatty():
        yield lambda _size: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}"),
        TextColumn(unit), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda size: progress.advance(task, size)
