"""The one Twisted reactor of this process, on a thread of its own.

A reactor can neither be started twice nor be left: so it is started at the first collection,
stays, and collections are handed to it as coroutines. The thread that asks for a collection is
free to show its progress and to be interrupted, on every system.
"""

import asyncio
import logging
import threading
from typing import Any, Final

_STARTING: Final = threading.Lock()
_loops: list[asyncio.AbstractEventLoop] = []


def reactor_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of the running reactor; start it when it is not there yet."""
    with _STARTING:
        if not _loops:
            ready = threading.Event()
            thread = threading.Thread(target=_run, args=(ready,), name="vigie-collect", daemon=True)
            thread.start()
            ready.wait()
        return _loops[0]


def _run(ready: threading.Event) -> None:
    from twisted.internet import asyncioreactor

    # The selector loop: Twisted cannot use the proactor, which is the default of Windows.
    loop = asyncio.SelectorEventLoop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]  # Twisted types it in part
    from twisted.internet import reactor as installed

    reactor: Any = installed  # the module has been replaced by the reactor

    # What happens to a page is told by reports and entries of the spool; Scrapy's own log of it
    # would name every address asked.
    for name in ("scrapy", "twisted"):
        logging.getLogger(name).setLevel(logging.CRITICAL)

    def started() -> None:
        _loops.append(loop)
        ready.set()

    reactor.callWhenRunning(started)
    reactor.run(installSignalHandlers=False)
