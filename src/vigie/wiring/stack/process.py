"""Processes that outlive the one that started them, told apart from others that got their number.

A process is known by its number and the time it started: a number alone is given to another
process sooner or later, and that one is not ours to stop.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

STEP_SECONDS: Final = 0.05

_ours: dict[int, "subprocess.Popen[bytes]"] = {}
"""Those started by this very process: they must be waited for, or they stay as zombies."""


class Process(msgspec.Struct, frozen=True):
    """A process that was started."""

    pid: int
    born: str
    """When it started, as the system tells it."""


def launch(
    command: Sequence[str], *, log: Path, folder: Path, environ: Mapping[str, str] | None = None,
    user: str | None = None, with_parent: bool = False,
) -> Process:  # fmt: skip
    """Start *command* in a session of its own; it writes to the end of *log*.

    Args:
        user: Run it as this user (we are root).
        with_parent: End it when this process ends, however that ends (Linux only).
    """
    if with_parent and sys.platform == "linux" and (setpriv := shutil.which("setpriv")):
        command = [setpriv, "--pdeathsig", "KILL", *command]
    with log.open("ab") as out:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, cwd=folder,
            start_new_session=True, env=None if environ is None else {**os.environ, **environ},
            **({} if user is None else {"user": user, "group": group_of(user), "extra_groups": []}),
        )  # type: ignore[call-overload]  # fmt: skip  # the users' three are left out together
    _ours[child.pid] = child
    return Process(child.pid, _born(child.pid))


def group_of(user: str) -> int:
    """Return the number of the user's own group."""
    import pwd

    return pwd.getpwnam(user).pw_gid


def is_alive(process: Process) -> bool:
    """Return whether it runs: not ended, not a zombie, not another one with its number."""
    child = _ours.get(process.pid)
    if child is not None:
        return child.poll() is None
    return bool(process.born) and _born(process.pid) == process.born


def end(process: Process, how: signal.Signals, seconds: float) -> bool:
    """Send *how* and wait for the end; return whether it came within *seconds*."""
    if is_alive(process):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, how)
    limit = time.monotonic() + seconds
    while is_alive(process):
        if time.monotonic() > limit:
            return False
        time.sleep(STEP_SECONDS)
    _ours.pop(process.pid, None)
    return True


def _born(pid: int) -> str:
    """Return when the process started; empty when there is none, or only its zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    else:
        return "" if fields[0] in "ZX" else fields[19]
    told = subprocess.run(  # macOS and the BSDs
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip()
