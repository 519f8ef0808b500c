"""Settings: whose value wins, and what is said about a wrong one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from vigie.config import Loaded, load
from vigie.errors import ConfigError
from vigie.settings import Settings, is_secret, leaves

USER = "[serve]\nport = 2\nworkers = 2\nhost = '0.0.0.0'\nlanguage = 'en'\n"
LOCAL = "[serve]\nport = 3\nworkers = 3\nhost = '::1'\n"
SECRET = "planted-secret-8f2e"  # planted, to be looked for


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose settings files are these tests' own."""
    config = tmp_path / "config"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: str(config / name))
    (config / "vigie").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    return tmp_path


def read(home: Path, environ: dict[str, str] | None = None, **flags: object) -> Loaded:
    return load(flags, environ=environ or {}, folder=home / "here")


def write(home: Path, text: str) -> Path:
    path = home / "here" / "vigie.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_flag_then_environment_then_folder_then_user_then_default(home: Path) -> None:
    """A value comes from the nearest origin that has one, and the origin is told."""
    user = home / "config" / "vigie" / "vigie.toml"
    user.write_text(USER, encoding="utf-8")
    local = write(home, LOCAL)

    loaded = read(home, {"VIGIE_SERVE__PORT": "4", "VIGIE_SERVE__WORKERS": "4"}, serve={"port": 5})

    serve = loaded.settings.serve
    assert (serve.port, serve.workers, serve.host, serve.language) == (5, 4, "::1", "en")
    assert loaded.origins == {
        "serve.port": "flag",
        "serve.workers": "environment",
        "serve.host": str(local),
        "serve.language": str(user),
    }
    assert loaded.settings.spool.keep_days == 90


def test_a_file_that_is_named_stands_alone(home: Path) -> None:
    """`--config FILE` or VIGIE_CONFIG reads that file instead of the two usual ones."""
    write(home, LOCAL)
    named = home / "named.toml"
    named.write_text("[serve]\nport = 9\n", encoding="utf-8")

    by_flag = load(file=named, environ={}, folder=home / "here")
    by_environment = load(environ={"VIGIE_CONFIG": str(named)}, folder=home / "here")

    for loaded in (by_flag, by_environment):
        assert loaded.origins == {"serve.port": str(named)}
        assert loaded.settings.serve.workers == 1


def test_settings_of_sources_come_from_file_and_environment_together(home: Path) -> None:
    """Two origins may each give a part of the same table."""
    write(home, "[sources.avito_ma]\nvia = 'pages'\n")

    loaded = read(home, {"VIGIE_SOURCES__AVITO_MA__PAUSE_SECONDS": "5"})

    assert loaded.settings.sources == {"avito_ma": {"via": "pages", "pause_seconds": "5"}}
    assert loaded.origins["sources.avito_ma.pause_seconds"] == "environment"


@pytest.mark.parametrize(
    ("text", "environ", "told"),
    [
        ("[serve]\nprot = 1\n", {}, ("serve.prot", "Did you mean 'port'?", "vigie.toml")),
        ("[srve]\nport = 1\n", {}, ("srve", "Did you mean 'serve'?", "vigie.toml")),
        ("zzz = 1\n", {}, ("zzz", "Known: data_dir", "vigie.toml")),
        ("", {"VIGIE_SERVE__PROT": "1"}, ("serve.prot", "Did you mean 'port'?", "environment")),
        ("", {"VIGIE_STOER__URL": "x"}, ("VIGIE_STOER__URL", "Did you mean 'store'?")),
        ("[serve]\nport = 'many'\n", {}, ("serve.port = 'many'", "integer", "vigie.toml")),
        ("", {"VIGIE_SERVE__PORT": "99999"}, ("serve.port = '99999'", "65535", "environment")),
        ("serve = 3\n", {}, ("serve", "write [serve]", "vigie.toml")),
        ("[serve\n", {}, ("vigie.toml", "not valid TOML", "line 1")),
        ("[log]\nlevel = 'loud'\n", {}, ("log.level = 'loud'", "'debug'", "vigie.toml")),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_its_origin(
    home: Path, text: str, environ: dict[str, str], told: tuple[str, ...]
) -> None:
    """Name, origin and what to write instead; nothing is ignored or defaulted."""
    write(home, text)

    with pytest.raises(ConfigError) as caught:
        read(home, environ)

    message = str(caught.value)
    assert [part for part in told if part not in message] == []
    assert "\n" not in message
    assert caught.value.code == 2


def test_a_settings_file_that_cannot_be_read_is_told(home: Path) -> None:
    """Bytes that are no UTF-8, and a named file that is not there."""
    path = write(home, "")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"vigie\.toml cannot be read"):
        read(home)

    with pytest.raises(ConfigError, match="there is no settings file at"):
        load(file=home / "none.toml", environ={})


def test_a_secret_is_never_shown(home: Path) -> None:
    """Credentials print as stars wherever settings are printed."""
    write(home, f"[logins.france_travail]\nclient_secret = '{SECRET}'\n")

    loaded = read(home, {"VIGIE_LOGINS__FRANCE_TRAVAIL__CLIENT_ID": SECRET})

    shown = f"{loaded!r} {loaded} {leaves(loaded.settings)} {loaded.model_dump_json()}"
    assert SECRET not in shown
    login = loaded.settings.logins["france_travail"]
    assert {name: value.get_secret_value() for name, value in login.items()} == {
        "client_id": SECRET,
        "client_secret": SECRET,
    }


@pytest.mark.parametrize(
    "text",
    [
        f"[logins.france_travail]\nclient_secret = ['{SECRET}']\n",
        f"[logins]\nfrance_travail = '{SECRET}'\n",
        f"logins = '{SECRET}'\n",
    ],
)
def test_a_secret_written_wrongly_is_not_shown_either(home: Path, text: str) -> None:
    """The message about a wrong credential names it and keeps its value."""
    write(home, text)

    with pytest.raises(ConfigError, match=r"logins.*vigie\.toml") as caught:
        read(home)

    assert SECRET not in str(caught.value)


def test_every_secret_setting_written_wrongly_keeps_its_value(home: Path) -> None:
    """Whatever setting is of a secret's type: a number, a list or a table in its place is not
    shown; nor is an address of the wrong type, which may hold a password."""
    secret = [path for path in paths(Settings) if is_secret(path)]
    assert {".".join(path) for path in secret} == {
        "logins", "kafka.options", "spark.options", "objects.secret_access_key"
    }  # fmt: skip
    for path in [*secret, ("store", "url")]:
        for wrong in (f"['{SECRET}']", f"{{ v = {{ w = ['{SECRET}'] }} }}"):
            lines = f"[{path[0]}]\n{path[1]} = {wrong}" if path[1:] else f"{path[0]} = {wrong}"
            write(home, lines)
            with pytest.raises(ConfigError, match=path[-1]) as caught:
                read(home)
            assert SECRET not in str(caught.value)


def paths(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from paths(kind, (*above, name))
        else:
            yield (*above, name)


def test_a_value_here_and_a_group_there_is_told(home: Path) -> None:
    """The file and the environment do not agree on what a name is."""
    write(home, "sources = 3\n")
    with pytest.raises(ConfigError, match=r"sources is one value in .*vigie\.toml and a group"):
        read(home, {"VIGIE_SOURCES__AVITO_MA__PAUSE": "1"})
