"""Wall time, CPU time and peak memory of a piece of work, in a process of its own."""

import json
import multiprocessing
import resource
import time
from collections.abc import Callable
from typing import Any


def measured(work: Callable[..., int], *given: Any) -> dict[str, float]:
    """Run *work* in a fresh process; return records, seconds (wall, CPU) and peak megabytes.

    CPU seconds include children. Start-up of Python and its imports are in the figures: whoever
    runs the job waits for them.
    """
    started = time.perf_counter()
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(target=_call, args=(sender, work, given))
    child.start()
    sender.close()
    told: dict[str, float] = json.loads(receiver.recv())
    child.join()
    return told | {"wall_s": round(time.perf_counter() - started, 2)}


def _call(sender: Any, work: Callable[..., int], given: tuple[Any, ...]) -> None:
    records = work(*given)
    own = resource.getrusage(resource.RUSAGE_SELF)
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = own.ru_utime + own.ru_stime + below.ru_utime + below.ru_stime
    peak = max(own.ru_maxrss, below.ru_maxrss) / 1024
    sender.send(json.dumps({"records": records, "cpu_s": round(cpu, 2), "peak_mb": round(peak)}))
