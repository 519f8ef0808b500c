"""The command that drains the spool: once or for ever, in this process or on Spark."""

import os
import re
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Annotated, Literal

import typer

from vigie.cli.context import instance, say
from vigie.errors import UsageError


def add_to(app: typer.Typer) -> None:
    """Give the command line this command."""
    app.command()(process)


def process(
    engine: Annotated[
        Literal["embedded", "spark"] | None,
        typer.Option(
            "--engine", help="Where the work is done; both give the same rows. As process.engine."
        ),
    ] = None,
    trigger: Annotated[
        str,
        typer.Option(
            "--trigger",
            metavar="WHEN",
            help="available-now: all there is, then end. 10s, 500ms: a batch so often. "
            "continuous: one batch after the other.",
        ),
    ] = "available-now",
    master: Annotated[
        str | None,
        typer.Option("--master", help="Where Spark runs: local[4], spark://HOST:7077…"),
    ] = None,
) -> None:
    """Drain what is spooled into the store and the index. Safe to kill and to repeat.

    Examples:

      vigie process

      vigie process --engine spark --master local[4]

      vigie process --engine spark --trigger 10s
    """
    from vigie.cli.collecting import fates_told
    from vigie.cli.progress import batches
    from vigie.wiring.sparking import process_embedded, process_on_spark

    when = trigger_of(trigger)
    few_threads()
    with instance() as here:
        chosen = engine or here.settings.process.engine
        if master is not None and chosen != "spark":
            raise UsageError("--master goes with --engine spark")
        stop, listen = stopping()
        listen()
        with batches("processing") as tick:
            if chosen == "spark":
                fates = process_on_spark(
                    here, master=master, trigger=when, stop=stop,
                    on_batch=lambda _span, told: tick(told.found), started=listen,
                )  # fmt: skip
            else:
                fates = process_embedded(
                    here, trigger=when, stop=stop, on_batch=lambda _span, told: tick(told.found)
                )
        print(fates_told(fates.counts()))


def few_threads() -> None:
    """Let Polars, which is not loaded yet, use one thread: batches are small, and the other cores
    have processes of their own. Measured: 4 % less CPU time and half the memory."""
    os.environ.setdefault("POLARS_MAX_THREADS", "1")


def trigger_of(text: str) -> str | float:
    """Return what ``--trigger`` says: a word, or seconds.

    Raises:
        UsageError: it says neither.
    """
    from vigie.wiring.sparking import AVAILABLE_NOW, CONTINUOUS

    if text in {AVAILABLE_NOW, CONTINUOUS}:
        return text
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m)", text)
    if found is None or not float(found[1]):
        raise UsageError(
            f"--trigger {text}: say {AVAILABLE_NOW}, {CONTINUOUS}, or a time such as 10s or 500ms"
        )
    return float(found[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0}[found[2]]


def stopping() -> tuple[threading.Event, Callable[[], None]]:
    """Return an event that SIGTERM and Ctrl-C set, so that a batch is ended in order, and what
    makes them do so: again, when a library has set its own handlers. A second Ctrl-C ends at
    once."""
    stop = threading.Event()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        say("stopping after this batch")

    def listen() -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, ask)

    return stop, listen
