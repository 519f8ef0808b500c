"""What is said of settings: each credential's origin, what is missing, what is wrong."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call

RECIPE = """\
kind = "job"
[[source]]
name = "arbeitnow"
matching = true
[[source]]
name = "{name}"
[[query]]
name = "data"
words = "data"
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A watch whose second source does not exist."""
    path = tmp_path / "data" / "watches" / "mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text(RECIPE.format(name="france_travial"), encoding="utf-8")
    return path


def test_each_credential_has_its_origin(
    vigie: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line a key, from file and environment; the value is never shown."""
    file = tmp_path / "mine.toml"
    file.write_text(
        '[logins.adzuna]\napp_id = "hush1"\n[sources.avito_ma]\npause_seconds = 9\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("VIGIE_LOGINS__ADZUNA__APP_KEY", "hush2")

    told = vigie("--config", file, "config", "show", "--json")

    rows = json.loads(told.out)
    assert rows["logins.adzuna.app_id"] == {"value": "**********", "origin": str(file)}
    assert rows["logins.adzuna.app_key"] == {"value": "**********", "origin": "environment"}
    assert rows["sources.avito_ma.pause_seconds"]["origin"] == str(file)
    assert "hush" not in told.out
    monkeypatch.delenv("VIGIE_LOGINS__ADZUNA__APP_KEY")
    assert json.loads(vigie("config", "show", "--json").out)["logins"]["origin"] == "default"


def test_missing_credentials_are_named(vigie: Call) -> None:
    """The section, its keys and the variables; exit code 4, since nothing was asked."""
    for name, keys in (
        ("france_travail", ("client_id", "client_secret")), ("adzuna", ("app_id", "app_key")),
        ("x_api", ("bearer_token",)),
    ):  # fmt: skip
        told = vigie("collect", name, "-w", "data")

        assert told.code == 4, told
        assert f"[logins.{name}]" in told.out
        assert all(key in told.out for key in keys)


def test_a_dry_run_refuses_a_source_that_is_none(vigie: Call, recipe: Path) -> None:
    """What can be asked is printed; the name is told with the nearest, exit code 2."""
    told = vigie("watch", "run", recipe.stem, "--dry-run")

    assert told.code == 2
    assert "GET https://www.arbeitnow.com" in told.out
    assert "Did you mean france_travail?" in told.err


def test_doctor_and_validate_agree(vigie: Call, recipe: Path) -> None:
    """A recipe that one calls wrong is wrong to the other; both are content once it is mended."""
    assert vigie("config", "validate").code == 2
    looked = vigie("doctor")
    assert looked.code == 5
    assert "wrong recipes" in looked.out
    assert "Did you mean france_travail?" in looked.out

    recipe.write_text(RECIPE.format(name="france_travail"), encoding="utf-8")

    assert vigie("config", "validate").code == 0
    assert vigie("doctor").code == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[sources.avito_mma]\npause_seconds = 3\n", "Did you mean avito_ma?"),
        ("[sources.avito_ma]\npause = 3\n", "unknown setting 'pause' of source avito_ma"),
        ("[logins.adzuna]\napp_kee = 'x'\n", "it needs app_id, app_key"),
        ("[logins.arbeitnow]\nkey = 'x'\n", "it needs no credentials"),
        ("[logins.adzona]\napp_id = 'x'\n", "Did you mean adzuna?"),
        ("[store]\nurl = 'oracle://u:p@h/d'\n", "store.url: no store for 'oracle': use sqlite:"),
    ],
)
def test_settings_are_looked_at(vigie: Call, tmp_path: Path, text: str, told: str) -> None:
    """A misspelt source, setting, credential or address is found by both."""
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")

    validated = vigie("--config", file, "config", "validate")
    looked = vigie("--config", file, "doctor")

    assert (validated.code, looked.code) == (2, 5)
    assert told in validated.err
    assert told in looked.out


@pytest.mark.parametrize("room", ["waiting", "outbox"])
def test_captures_that_nobody_delivers_are_told(vigie: Call, tmp_path: Path, room: str) -> None:
    """They waited for brokers or a bucket when `spool.url` was changed."""
    left = tmp_path / "data" / "spool" / room / "avito_ma" / "20260301T060000000-aaaaaa.warc.gz"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"")

    looked = vigie("doctor")

    assert looked.code == 5
    assert f"1 segments in {left.parent.parent} wait for a bucket or for brokers" in looked.out


def test_a_password_in_an_address_is_never_shown() -> None:
    """Before the host or among the parameters; what only looks like it stays."""
    from vigie.cli.secrecy import shown

    assert shown("postgresql://u:pw@h/db?sslpassword=zz&x=1") == (
        "postgresql://u:***@h/db?sslpassword=***&x=1"
    )
    assert shown("postgresql://u:p@ss/w@h/db") == "postgresql://u:***@h/db"
    assert shown("http://TOKEN@proxy:8080") == "http://***@proxy:8080"
    assert shown("https://site.example/?keyword=data") == "https://site.example/?keyword=data"
