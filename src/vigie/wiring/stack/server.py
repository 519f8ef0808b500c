"""What all servers of the stack have in common: a folder, a port, a life."""

import os
import secrets
import signal
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

import msgspec

from vigie.errors import ServerError, ServerMissing, UsageError
from vigie.wiring.stack.process import Process, end, is_alive, launch

HOST: Final = "127.0.0.1"
_STATE: Final = "server.json"
_LOG: Final = "server.log"
_STEP_SECONDS: Final = 0.05


class State(msgspec.Struct, kw_only=True):
    """What is remembered of a server between two commands; readable by its owner only."""

    ports: tuple[int, ...]
    password: str
    process: Process | None = None


class Server(ABC):
    """One server in one folder. It keeps its ports and data through restarts."""

    name: ClassVar[str]
    ports: ClassVar[int] = 1
    """How many it listens on; the first is the one that is used."""
    start_seconds: ClassVar[float] = 60
    stop_seconds: ClassVar[float] = 20
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    fetches: ClassVar[str] = ""
    """What the first start of all has to fetch, for people."""
    users: ClassVar[tuple[str, ...]] = ()
    """Whom it runs as when we are root: the first that exists. Empty: as us."""

    def __init__(self, folder: Path, *, cache: Path, with_parent: bool = False) -> None:
        """Know a server; nothing is started.

        Args:
            folder: Where the stack lives; the server's own folder is below it.
            cache: Where what is fetched once is kept (Kafka's jars, the emulator's packages).
            with_parent: It ends with this process: for tests.
        """
        self.folder = (folder / self.name).absolute()
        self._cache, self._with_parent = cache, with_parent

    @abstractmethod
    def check(self) -> None:
        """Look for what it needs; fetch what can be fetched.

        Raises:
            ServerMissing: a program is not here.
        """

    def fetched(self) -> bool:
        """Return whether what it fetches is here."""
        return True

    @abstractmethod
    def prepare(self, state: State) -> None:
        """Write settings; the first time, make an empty data folder."""

    @abstractmethod
    def command(self, state: State) -> Sequence[str]:
        """Return the command line that runs it in the foreground."""

    @abstractmethod
    def ready(self, log: str) -> bool:
        """Return whether it answers, given its log since this start."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is, with the password if it has one."""

    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """Return the settings of Vigie, by environment variable, that lead to it."""

    @property
    def port(self) -> int:
        return self._known().ports[0]

    @property
    def password(self) -> str:
        return self._known().password

    @property
    def log(self) -> Path:
        return self.folder / _LOG

    @property
    def pid(self) -> int | None:
        """Number of its process; None when it does not run."""
        state = self._state()
        running = state is not None and state.process is not None and is_alive(state.process)
        return state.process.pid if running and state and state.process else None

    def start(self) -> None:
        """Start it, if it does not run, and wait until it answers.

        Raises:
            ServerMissing: a program is not here. ServerError: it did not come up; its log is told.
        """
        if os.name == "nt":
            raise UsageError("`vigie stack` needs Linux or macOS; on Windows use compose.yaml")
        if self.pid is not None:
            return
        self.check()
        self.folder.mkdir(parents=True, exist_ok=True)
        state = self._state()
        if state is None or not all(_is_free(port) for port in state.ports):
            password = state.password if state else secrets.token_hex(12)
            state = State(ports=free_ports(self.ports), password=password)
        self._keep(state)
        self.prepare(state)
        since = self.log.stat().st_size if self.log.exists() else 0
        state.process = launch(
            self.command(state), log=self.log, folder=self.folder, user=self.user,
            environ=self.environ(), with_parent=self._with_parent,
        )  # fmt: skip
        self._keep(state)
        try:
            self._wait(state.process, since)
        except BaseException:  # interrupted while it comes up: nothing is left behind
            self.kill()
            raise

    def stop(self) -> None:
        """End it in order; kill it when it does not listen. No effect when it does not run."""
        self._end(self.stop_signal, self.stop_seconds)

    def kill(self) -> None:
        """End it as a power cut does (SIGKILL)."""
        self._end(signal.SIGKILL, self.stop_seconds)

    def restart(self) -> None:
        """Start it again on the same ports and data, after `stop` or `kill` or while it runs."""
        self.stop()
        self.start()

    def environ(self) -> Mapping[str, str]:
        """Return what its environment has beside ours."""
        return {}

    @property
    def user(self) -> str | None:
        """Whom it runs as; None: as us."""
        if not self.users or not hasattr(os, "geteuid") or os.geteuid() != 0:
            return None
        import pwd

        known = {entry.pw_name for entry in pwd.getpwall()}
        return next((name for name in self.users if name in known), None)

    def _end(self, how: signal.Signals, seconds: float) -> None:
        state = self._state()
        if state is None or state.process is None:
            return
        if not end(state.process, how, seconds) and not end(state.process, signal.SIGKILL, seconds):
            raise ServerError(f"{self.name}: process {state.process.pid} does not end")
        state.process = None
        self._keep(state)

    def _wait(self, process: Process, since: int) -> None:
        limit = time.monotonic() + self.start_seconds
        while True:
            alive = is_alive(process)
            told = self.log.read_bytes()[since:].decode("utf-8", "replace")
            if alive and self.ready(told):
                return
            if not alive or time.monotonic() > limit:
                what = "does not answer" if alive else "ended at once"
                last = " | ".join(told.strip().splitlines()[-3:]) or "it said nothing"
                raise ServerError(f"{self.name} {what}: {last} (all of it: {self.log})")
            time.sleep(_STEP_SECONDS)

    def _known(self) -> State:
        if (state := self._state()) is None:
            raise ServerError(f"{self.name} was never started: `vigie stack up {self.name}`")
        return state

    def _state(self) -> State | None:
        try:
            return msgspec.json.decode((self.folder / _STATE).read_bytes(), type=State)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError as error:
            path = self.folder / _STATE
            raise ServerError(f"{path} cannot be read ({error}): remove it") from None

    def _keep(self, state: State) -> None:
        fresh = self.folder / (_STATE + ".new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(state))
        fresh.replace(self.folder / _STATE)


def free_ports(count: int) -> tuple[int, ...]:
    """Return ports of this machine that nobody listens on now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return tuple(int(probe.getsockname()[1]) for probe in probes)
    finally:
        for probe in probes:
            probe.close()


def answers(port: int) -> bool:
    """Return whether something listens on *port*."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def give(folder: Path, user: str | None) -> None:
    """Make *folder* that user's, if any.

    Raises:
        ServerError: the user cannot come there.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is None:
        return
    import pwd

    entry = pwd.getpwnam(user)
    for above in folder.parents:
        if not above.stat().st_mode & 0o001:
            raise ServerError(
                f"as root it runs as the user {user}, who may not enter {above}: "
                f"choose another folder, such as --folder /var/tmp/vigie-stack"
            )
    os.chown(folder, entry.pw_uid, entry.pw_gid)


def missing(server: str, program: str, debian: str) -> ServerMissing:
    """Return the error that says which package to install."""
    return ServerMissing(server, program, f"apt install {debian}, or your system's like of it")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
