"""The command as a process among others: pipes, full disks, taken ports, and a site that serves."""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Call

FULL = Path("/dev/full")
START_SECONDS = 30


def started(
    tmp_path: Path, *arguments: str, before: Callable[[], None] | None = None, **options: object
) -> "subprocess.Popen[str]":
    given: dict[str, object] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    process: subprocess.Popen[str] = subprocess.Popen(
        [sys.executable, "-m", "vigie", "--data-dir", str(tmp_path / "data"), *arguments],
        env=os.environ | {"PYTHONUNBUFFERED": ""},
        text=True,
        preexec_fn=before,  # noqa: PLW1509  # sets a limit, in a test without threads
        **given,  # type: ignore[call-overload]  # streams, as the tests need them
    )
    return process


@pytest.mark.skipif(os.name == "nt", reason="not on this system: pipes are told otherwise")
@pytest.mark.parametrize("form", ["table", "json"])
def test_a_reader_that_leaves_is_no_error(offers: Call, tmp_path: Path, form: str) -> None:
    """`vigie search … | head -1`: exit code 0, not a word on standard error but the count."""
    assert offers("stats").code == 0
    read_end, write_end = os.pipe()
    os.close(read_end)  # the reader is gone before the first byte
    process = started(tmp_path, "-q", "search", "--format", form, stdout=write_end)
    os.close(write_end)

    _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (0, "")


@pytest.mark.skipif(not FULL.exists(), reason="not on this system: no /dev/full")
def test_a_full_disk_under_the_output_is_one_line(offers: Call, tmp_path: Path) -> None:
    """`vigie search > file` on a full disk ends with 1 and says so."""
    assert offers("stats").code == 0
    with FULL.open("w") as full:
        process = started(tmp_path, "-q", "search", "--json", stdout=full)
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (1, f"error: output: {os.strerror(errno.ENOSPC)}\n")


@pytest.mark.skipif(os.name == "nt", reason="not on this system: no limits of file sizes")
def test_a_full_disk_under_the_data_is_one_line(tmp_path: Path) -> None:
    """An import that cannot be kept ends with 1 and one line, and what was there stays whole."""
    import resource

    page = tmp_path / "page.html"
    page.write_bytes(b"<html>" + os.urandom(400_000).hex().encode() + b"</html>")

    process = started(
        tmp_path, "import", str(page), "--source", "marocannonces",
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )  # fmt: skip
    out, err = process.communicate(timeout=60)

    assert process.returncode == 1, (out, err)
    assert "Traceback" not in err
    assert len([line for line in err.splitlines() if line.startswith("error: ")]) == 1
    verified = started(tmp_path, "spool", "verify")
    verified.communicate(timeout=60)
    assert verified.returncode == 0


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    """`serve` on a port in use ends with 2 and names another; nothing else is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = started(tmp_path, "serve", "--port", str(port))
        out, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert out == ""
    assert f"cannot listen on 127.0.0.1:{port}" in err
    assert f"--port {port + 1}" in err
    assert len(err.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="not on this system: signals end a process otherwise")
def test_the_site_serves_until_it_is_interrupted(offers: Call, tmp_path: Path) -> None:
    """`serve` answers /healthz on the port it names, and Ctrl-C ends it without a traceback."""
    assert offers("stats").code == 0
    port = free_port()
    process = started(tmp_path, "serve", "--port", str(port), start_new_session=True)
    try:
        assert answer(f"http://127.0.0.1:{port}/healthz") == 200
    finally:
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise

    assert f"http://127.0.0.1:{port}" in err
    assert "Traceback" not in err
    assert process.returncode in (0, 130)


LIVE = """
kind = "job"
cadence_minutes = 60
live = true
[[source]]
name = "france_travail"
"""


@pytest.mark.skipif(os.name == "nt", reason="not on this system: signals end a process otherwise")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_live_watch_serves_and_leaves_nothing_behind(
    tmp_path: Path, how: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without being told, the site stands beside the visits; a service manager's SIGTERM, as
    Ctrl-C, ends both."""
    recipe = tmp_path / "data" / "watches" / "vif.toml"
    recipe.parent.mkdir(parents=True)
    recipe.write_text(LIVE, encoding="utf-8")
    port = free_port()
    monkeypatch.setenv("VIGIE_SERVE__PORT", str(port))
    # Without credentials this source is not asked: nothing leaves this machine.
    process = started(tmp_path, "watch", "run", "vif", start_new_session=True)
    try:
        assert answer(f"http://127.0.0.1:{port}/healthz") == 200
        process.send_signal(how)
        _, err = process.communicate(timeout=30)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    assert process.returncode == 128 + how
    assert "interrupted; what was done so far is kept" in err
    assert "Traceback" not in err
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_once_is_one_visit(vigie: Call, tmp_path: Path) -> None:
    """`--once` of a live recipe ends; what cannot go together is said."""
    recipe = tmp_path / "data" / "watches" / "vif.toml"
    recipe.parent.mkdir(parents=True)
    recipe.write_text(LIVE, encoding="utf-8")

    assert vigie("watch", "run", "vif", "--once").code == 4  # no credentials: refused
    for both in (["--every", "--once"], ["--every", "--dry-run"], ["--stack", "--dry-run"]):
        told = vigie("watch", "run", "vif", *both)
        assert (told.code, told.err) == (2, f"error: give {both[0]} or {both[1]}, not both\n")
    assert vigie("watch", "run", "vif", "--once", "--serve").code == 2


def test_captures_wait_while_the_brokers_are_away(
    vigie: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker that does not answer: the import is kept, said to be so, and half done (3)."""
    pytest.importorskip("confluent_kafka", reason="needs confluent-kafka: ./vigie extras")
    monkeypatch.setenv("VIGIE_SPOOL__URL", f"kafka://127.0.0.1:{free_port()}")
    examples = Path(__file__).parents[2] / "docs" / "examples"

    told = vigie("import", examples / "offres.csv", "--map", examples / "offres.toml")

    assert told.code == 3, told.err
    assert "does not answer" in told.err
    assert "what was captured is kept" in told.err
    assert list((tmp_path / "data" / "spool" / "waiting").rglob("*.warc.gz*"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(url: str) -> int:
    """Return the status of *url* as soon as somebody answers there."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as told:  # noqa: S310  # our own loopback
                return int(told.status)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
