"""Serving the site: web workers, and one follower that keeps the index up to date."""

import contextlib
import json
import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vigie.cli.context import context, say
from vigie.errors import UsageError

if TYPE_CHECKING:
    from vigie.wiring import Instance


def run_site(here: "Instance", stand_ins: Mapping[str, str] | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:  # fmt: skip
    """Serve until interrupted.

    Raises:
        UsageError: the port is taken, or the address cannot be listened on.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    serve = here.settings.serve
    port = free_port(serve.host, serve.port)
    _hand_over(here, stand_ins or {})
    here.follower.settle()
    stop = threading.Event()
    views = [here.follower, *([here.publisher] if here.publisher else [])]
    followers = [
        threading.Thread(target=view.run, args=(stop,), name=f"follower-{number}")
        for number, view in enumerate(views)
    ]
    for follower in followers:
        follower.start()
    if ready is None:
        say(f"http://{serve.host}:{port}")
    else:
        threading.Thread(
            target=_tell_when_up, args=(serve.host, port, ready), name="ready", daemon=True
        ).start()
    # Web workers start anew: a fork of this process would inherit the locks of threads (Polars',
    # the follower's) that do not run in it, and wait for them for ever.
    multiprocessing.set_start_method("spawn", force=True)
    try:
        Server(
            "vigie.wiring.site:make_site", address=serve.host, port=port, interface=Interfaces.ASGI,
            workers=serve.workers, factory=True, log_level=LogLevels.warning,
            respawn_failed_workers=True, backpressure=256,
        ).serve()  # fmt: skip
    finally:
        stop.set()
        for follower in followers:
            follower.join(timeout=10)


def _tell_when_up(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Call *ready* with the address once it answers; give up after a minute."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared only
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection((here, port), timeout=1):
            ready(f"http://{host}:{port}")
            return
        time.sleep(0.1)


def free_port(host: str, port: int, other: str = "--port ") -> int:
    """Return *port*, or any free one for 0.

    Args:
        other: What to type before another number.

    Raises:
        UsageError: it is taken; the message says what to type.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UsageError(
                f"cannot listen on {host}:{port}: {error.strerror}. "
                f"Try another port: {other}{port + 1}"
            ) from None
        return int(probe.getsockname()[1])


def next_free_port(host: str, port: int) -> int:
    """Return the first free port from *port* on, of twenty tried."""
    for candidate in range(port, port + 20):
        try:
            return free_port(host, candidate)
        except UsageError:
            continue
    return free_port(host, 0)


def _hand_over(here: "Instance", stand_ins: Mapping[str, str]) -> None:
    """Tell the web workers, which are processes of their own, which instance they serve."""
    if context().config is not None:
        os.environ["VIGIE_CONFIG"] = str(context().config)
    os.environ["VIGIE_DATA_DIR"] = str(here.settings.data_dir.absolute())
    serve = here.settings.serve
    os.environ["VIGIE_SERVE__LANGUAGE"] = serve.language
    os.environ["VIGIE_SERVE__INDEX"] = str(serve.index).lower()
    os.environ["VIGIE_DEMO_ORIGINS"] = json.dumps(dict(stand_ins))
