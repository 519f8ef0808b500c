"""An emulator of S3 (moto), in an environment of its own. What it holds is gone when it ends."""

import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Final

from vigie.errors import ServerError, ServerMissing
from vigie.wiring.stack.server import HOST, Server, State, answers

BUCKET: Final = "vigie"
_PACKAGES: Final = Path(__file__).parents[4] / ".ci" / "object-store.txt"


class S3(Server):
    """The emulator at `url`; any key is accepted, ours is `vigie` and the password."""

    name: ClassVar[str] = "s3"

    fetches: ClassVar[str] = "its packages are installed (about a minute)"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def settings(self) -> Mapping[str, str]:
        return {
            "VIGIE_OBJECTS__ENDPOINT_URL": self.url,
            "VIGIE_OBJECTS__ACCESS_KEY_ID": "vigie",
            "VIGIE_OBJECTS__SECRET_ACCESS_KEY": self.password,
            "VIGIE_SPOOL__URL": f"s3://{BUCKET}/spool",
        }

    def start(self) -> None:
        super().start()
        made = urllib.request.Request(f"{self.url}/{BUCKET}", method="PUT")  # noqa: S310  # ours
        urllib.request.urlopen(made, timeout=10).close()  # noqa: S310  # ours; again: no effect

    def fetched(self) -> bool:
        return _environment(self._cache).is_dir()

    def check(self) -> None:
        moto_python(self._cache)

    def prepare(self, state: State) -> None:  # noqa: ARG002  # as all servers
        return

    def command(self, state: State) -> Sequence[str]:
        python = str(moto_python(self._cache))
        return [python, "-m", "moto.server", "-H", HOST, "-p", str(state.ports[0])]

    def ready(self, log: str) -> bool:  # noqa: ARG002  # as all servers
        return answers(self.port)

    def environ(self) -> Mapping[str, str]:
        return {"PYTHONWARNINGS": "ignore", "MOTO_S3_CUSTOM_ENDPOINTS": self.url}


def moto_python(cache: Path) -> Path:
    """Return the Python that has moto, in an environment made once (about a minute).

    Raises:
        ServerMissing: this is not a clone of the project. ServerError: it could not be made.
    """
    target = _environment(cache)
    if not target.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as work:
            made = Path(work) / "moto"
            _run([sys.executable, "-m", "venv", str(made)])
            _run([
                str(made / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps",
                "--require-hashes", "--disable-pip-version-check", "-r", str(_PACKAGES),
            ])  # fmt: skip
            try:
                made.rename(target)
            except OSError:  # another process was faster: its environment is the same
                if not target.is_dir():
                    raise
    return target / "bin" / "python"


def _environment(cache: Path) -> Path:
    if not _PACKAGES.is_file():
        raise ServerMissing("s3", ".ci/object-store.txt", "run it from a clone of the project")
    wanted = sha256(_PACKAGES.read_bytes()).hexdigest()[:12]
    return cache / f"moto-{sys.version_info.major}.{sys.version_info.minor}-{wanted}"


def _run(words: Sequence[str]) -> None:
    told = subprocess.run(
        words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if told.returncode:
        last = " | ".join((told.stdout + told.stderr).strip().splitlines()[-3:])
        raise ServerError(f"s3: its packages cannot be installed: {last}")
