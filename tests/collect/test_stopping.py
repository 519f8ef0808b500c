"""Collections that end early: killed, interrupted, stopped."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest

from vigie.collect.run import collect
from vigie.demo import Fault
from vigie.errors import SpoolError
from vigie.model.capture import Entry, Scan
from vigie.spool.files import FileSpool

from .conftest import Outpost

COLLECTOR = Path(__file__).parent / "lone_collector.py"


def start(outpost: Outpost) -> "subprocess.Popen[str]":
    """Start a collector in its own process and wait for its second page."""
    process = subprocess.Popen(
        [sys.executable, str(COLLECTOR), str(outpost.folder), outpost.stage.origin("avito_ma")],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    while process.stdout.readline().strip() not in ("2", ""):
        pass
    return process


def finish(process: "subprocess.Popen[str]") -> int:
    code = process.wait(20)
    assert process.stdout is not None
    process.stdout.close()
    return code


def test_a_killed_collector_leaves_a_readable_spool(outpost: Outpost) -> None:
    """What was spooled before the kill is read; it has no end; the next run asks everything."""
    process = start(outpost)
    process.kill()
    finish(process)

    spooled = len(outpost.captures())
    assert spooled >= 2
    assert outpost.ends() == []
    assert FileSpool(outpost.spool.folder).recover() == 1
    (report,) = outpost.collect(outpost.job("avito_ma"))
    assert report.scan is Scan.COMPLETE
    assert len(outpost.captures()) == spooled + report.pages


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_cleanly(outpost: Outpost) -> None:
    """Every query has its end, cut and with its reason, and the command says 130."""
    process = start(outpost)
    process.send_signal(signal.SIGINT)

    assert finish(process) == 130
    assert [(end.query, end.scan, end.reason) for end in outpost.ends()] == [
        ("all", Scan.CUT, "interrupted"),
        ("next", Scan.CUT, "interrupted"),
    ]
    assert outpost.ends()[0].pages == len(outpost.captures())


def test_a_collection_can_be_stopped(outpost: Outpost) -> None:
    """Setting `stop` ends what is under way at once, and its ends are spooled."""
    outpost.stage.fail("avito_ma", Fault(kind="slow", seconds=30, after=3))
    stop = threading.Event()

    reports = collect(
        [outpost.job("avito_ma")], outpost.spool, outpost.agenda, outpost.options(), stop=stop,
        on_progress=lambda news: stop.set() if news.pages == 2 else None,
    )  # fmt: skip

    assert [report.reason for report in reports] == ["interrupted"]
    assert [end.pages for end in outpost.ends()] in ([2], [3])


class FullDisk(FileSpool):
    """A spool whose third append finds the disk full."""

    left = 2

    def append(self, entries: Iterable[Entry]) -> None:
        self.left -= 1
        if self.left < 0:
            raise SpoolError("no space left")
        super().append(entries)


def test_a_full_disk_stops_the_collection(outpost: Outpost) -> None:
    """The error reaches the caller; what was spooled before stays."""
    spool = FullDisk(outpost.spool.folder)

    with pytest.raises(SpoolError):
        collect(
            [outpost.job("avito_ma"), outpost.job("marocannonces")], spool, outpost.agenda,
            outpost.options(),
        )  # fmt: skip
    spool.close()

    assert len(outpost.captures()) == 2


def test_an_error_of_the_listener_reaches_the_caller(outpost: Outpost) -> None:
    """What `on_progress` raises is raised, and the next collections work: the one that was broken
    off takes nothing of theirs with it when it ends."""

    def wrong(_: object) -> None:
        raise ValueError("the listener's own")

    with pytest.raises(ValueError, match="the listener's own"):
        collect(
            [outpost.job("avito_ma")], outpost.spool, outpost.agenda, outpost.options(),
            on_progress=wrong,
        )  # fmt: skip
    scans = [outpost.collect(outpost.job("avito_ma"))[0].scan for _ in range(2)]

    assert scans == [Scan.COMPLETE, Scan.COMPLETE]
