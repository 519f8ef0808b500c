"""compose.yaml and its image: what they name exists, is pinned, and holds no secret."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vigie.config import load

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
PASSWORDS = {"VIGIE_DB_PASSWORD": "a1", "VIGIE_S3_PASSWORD": "b2"}


@pytest.mark.service
def test_compose_accepts_it() -> None:
    """Docker's own reader finds it valid, and asks for each password that is not set."""
    if (program := shutil.which("docker-compose")) is None:
        pytest.skip("needs docker-compose (apt install docker-compose); no engine is asked")
    command = [program, "-f", str(ROOT / "compose.yaml"), "config", "-q"]
    bare = {name: value for name, value in os.environ.items() if name not in PASSWORDS}

    assert subprocess.run(command, env=bare | PASSWORDS, check=False).returncode == 0
    for name in PASSWORDS:
        given = {key: value for key, value in PASSWORDS.items() if key != name}
        told = subprocess.run(
            command, env=bare | given, capture_output=True, text=True, check=False
        )
        assert told.returncode == 1
        assert f"put {name} into .env" in told.stderr


def test_its_variables_are_settings_of_ours() -> None:
    """What it hands to Vigie, Vigie knows."""
    found = dict(re.findall(r"^ +(VIGIE_\w+__\w+): (.+)$", TEXT, re.MULTILINE))
    values = {
        name: re.sub(r"\$\{(\w+)[^}]*\}", lambda m: PASSWORDS.get(m[1], ""), value.strip('"'))
        for name, value in found.items()
    }

    settings = load(environ=values, folder=Path("nowhere")).settings

    assert settings.store.url == "postgresql+psycopg://vigie:a1@postgresql/vigie"
    assert settings.spool.url == "kafka://kafka:9092"
    assert settings.objects.secret_access_key.get_secret_value() == "b2"


def test_images_are_pinned_and_passwords_have_no_default() -> None:
    """A version for each image; a password is asked for, never invented."""
    for image in re.findall(r"^ +image: (\S+)$", TEXT, re.MULTILINE):
        assert re.fullmatch(r"[a-z/]+:[A-Za-z0-9.\-]*\d[A-Za-z0-9.\-]*", image), image
        assert not image.endswith(":latest")
    for line in TEXT.splitlines():
        if re.search(r"PASSWORD: |SECRET\w*: ", line):
            assert re.search(r"\$\{\w+:\?[^}]+\}|RANDOM", line), line
    assert TEXT.count("healthcheck:") == 4
    assert '"127.0.0.1:' in TEXT


def test_the_image_copies_what_is_there() -> None:
    """Each COPY of the Dockerfile names files that the build may see."""
    seen = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    text = (ROOT / "deploy" / "docker" / "Dockerfile").read_text("utf-8")
    for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        for name in line.split()[:-1]:
            assert (ROOT / name).exists()
            assert name in seen
