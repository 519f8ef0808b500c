"""Processes to be killed while they work: found by their parents, known by the time they use."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

TICK_SECONDS: Final = 0.06
"""How long a process is looked at: if it uses the processor meanwhile, it is at work."""


class Daemon:
    """One process that is started again whenever it is gone, as systemd would."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], log: Path) -> None:
        self._command, self._environ, self._log = command, environ, log
        self._process: subprocess.Popen[bytes] | None = None
        self.starts, self.own_ends, self.started_at = 0, 0, 0.0
        """Own ends: with an error, and not by our kill."""

    @property
    def pid(self) -> int | None:
        """Its number; None when it does not run."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    @property
    def is_done(self) -> bool:
        """Return whether it ended as it should."""
        return self._process is not None and self._process.poll() == 0

    def keep_up(self) -> None:
        """Start it unless it runs or is done."""
        if self.pid is not None or self.is_done:
            return
        if self._process is not None and (self._process.returncode or 0) > 0:
            self.own_ends += 1
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environ, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.starts, self.started_at = self.starts + 1, time.time()

    def ask_to_end(self, seconds: float) -> int | None:
        """Send SIGTERM; return its exit code, None when it does not end in time."""
        if self._process is None:
            return None
        self._process.terminate()
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def sweep(self) -> None:
        """Kill what is left of it, its children too."""
        if self._process is not None:
            for pid in (*below(self._process.pid), self._process.pid):
                kill(pid)
            self._process.wait()

    def reap(self, seconds: float) -> bool:
        """Wait for its end after a kill; return whether it came."""
        if self._process is not None:
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
        return True


def kill(pid: int) -> bool:
    """Send SIGKILL; return whether there was a process to be hit."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def at_work(pid: int, *, with_children: bool = True) -> bool:
    """Return whether it uses the processor now."""
    family = [pid, *(below(pid) if with_children else [])]
    before = sum(map(_ticks, family))
    time.sleep(TICK_SECONDS)
    return sum(map(_ticks, family)) > before


def below(pid: int) -> list[int]:
    """Return all descendants, parents first."""
    parents: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        if (fields := _fields(path)) is not None:
            parents.setdefault(int(fields[1]), []).append(int(path.parent.name))
    found, left = list[int](), [pid]
    while left:
        children = parents.get(left.pop(0), [])
        found += children
        left += children
    return found


def named(pids: Sequence[int], word: str) -> list[int]:
    """Return those of *pids* whose command line has *word*."""
    found = []
    for pid in pids:
        try:
            if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:  # it ended meanwhile
            continue
    return found


def _ticks(pid: int) -> int:
    fields = _fields(Path(f"/proc/{pid}/stat"))
    return int(fields[11]) + int(fields[12]) if fields is not None else 0


def _fields(stat: Path) -> list[str] | None:
    """Return what follows the name in a process's line: state, parent…"""
    try:
        return stat.read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return None
