"""Sources are found by looking: a folder is enough, and a broken one hides no other."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from vigie import sources
from vigie.errors import ConfigError, PageChanged, UsageError
from vigie.model.capture import Capture, Query
from vigie.sources.files import choose_for, install

FOLDER = Path(sources.__file__).parent


@pytest.fixture
def more_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A second folder of sources beside the shipped one."""
    monkeypatch.setattr(sources, "__path__", [*sources.__path__, str(tmp_path)])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("vigie.sources.copied")]:
        del sys.modules[name]


def test_shipped_sources_are_found() -> None:
    """Every folder and every shipped map is a source under its own name."""
    folders = {path.parent.name for path in FOLDER.glob("*/__init__.py")} - {"files"}
    maps = {path.stem for path in (FOLDER / "files" / "maps").glob("*.toml")}

    assert set(sources.find_all()) >= folders | maps
    assert folders >= {"avito_ma", "france_travail", "marocannonces"}
    assert maps >= {"linkedin_ds", "linkedin_postings"}
    assert sources.broken() == {}


def test_a_copied_folder_is_a_source_under_its_new_name(more_sources: Path, at: datetime) -> None:
    """Copying a source's folder adds a working source; its errors carry the new name."""
    shutil.copytree(FOLDER / "marocannonces", more_sources / "copied_site")

    site = sources.make("copied_site")

    assert "copied_site" in sources.find_all()
    with pytest.raises(PageChanged, match=r"^copied_site:"):
        site.items(Capture(id="1", at=at, source="x", url="https://x.test/", body=b"<p>", run="r"))


def test_a_broken_folder_hides_no_other(more_sources: Path) -> None:
    """A source that cannot be imported is told by name; the others stay."""
    (more_sources / "copied_wrong").mkdir()
    (more_sources / "copied_wrong" / "__init__.py").write_text("import no_such_module_at_all\n")

    assert "france_travail" in sources.find_all()
    assert "no_such_module_at_all" in sources.broken()["copied_wrong"]
    with pytest.raises(ConfigError, match="copied_wrong cannot be loaded: ModuleNotFoundError"):
        sources.make("copied_wrong")


def test_a_setting_is_checked_by_name_and_type() -> None:
    """An unknown setting names the nearest known one; a wrong value says what was expected."""
    with pytest.raises(ConfigError, match="Did you mean pause_seconds"):
        sources.make("avito_ma", {"pause_second": 3})
    with pytest.raises(ConfigError, match="via"):
        sources.make("avito_ma", {"via": "carrier pigeon"})
    with pytest.raises(ConfigError, match="pause_seconds = 'many'"):
        sources.make("avito_ma", {"pause_seconds": "many"})

    assert sources.make("avito_ma", {"pause_seconds": "4"}).pause_seconds == 4.0


def test_an_unknown_source_names_the_nearest() -> None:
    """A misspelt source is told what it may have meant."""
    with pytest.raises(UsageError, match="Did you mean avito_ma"):
        sources.make("avitoma")


def test_a_users_map_is_a_source(tmp_path: Path) -> None:
    """A map in the user's folder is a source; a wrong one says why and hides no other."""
    shipped = (FOLDER / "files" / "maps" / "linkedin_ds.toml").read_text(encoding="utf-8")
    mine = shipped.replace('"linkedin_ds"', '"my_jobs"')
    (tmp_path / "my_jobs.toml").write_text(mine, encoding="utf-8")
    wrong = mine.replace('"my_jobs"', '"wrong"').replace("pay_raw =", "wages =")
    (tmp_path / "wrong.toml").write_text(wrong, encoding="utf-8")

    assert sources.make("my_jobs", maps_folder=tmp_path).kind == "job"
    assert "wages is no shown field" in sources.broken(tmp_path)["wrong"]
    assert "linkedin_postings" in sources.find_all(tmp_path)


def test_a_map_is_installed_and_chosen(tmp_path: Path) -> None:
    """A map given as a file is copied under its name and then fits its files by their header."""
    shipped = (FOLDER / "files" / "maps" / "linkedin_ds.toml").read_text(encoding="utf-8")
    header = 'header = ["ref", "poste"]'
    mine = re.sub(r"(?m)^header = .*$", header, shipped).replace('"linkedin_ds"', '"my_jobs"')
    (tmp_path / "given.toml").write_text(mine, encoding="utf-8")
    (tmp_path / "jobs.csv").write_text("poste;ref;lieu\nx;1;y\n", encoding="utf-8")
    maps = tmp_path / "maps"

    with pytest.raises(UsageError, match="poste, ref, lieu"):
        choose_for(tmp_path / "jobs.csv", maps)
    assert install(tmp_path / "given.toml", maps) == "my_jobs"
    assert choose_for(tmp_path / "jobs.csv", maps) == "my_jobs"
    (tmp_path / "given.toml").write_text(mine.replace('"my_jobs"', '"../x"'), encoding="utf-8")
    with pytest.raises(ConfigError, match="not made of"):
        install(tmp_path / "given.toml", maps)


def test_a_map_called_like_a_site_does_not_hide_it(tmp_path: Path) -> None:
    """A site's own folder wins over a map of its name, and the clash is told."""
    shipped = (FOLDER / "files" / "maps" / "linkedin_ds.toml").read_text(encoding="utf-8")
    clash = shipped.replace('"linkedin_ds"', '"avito_ma"')
    (tmp_path / "avito_ma.toml").write_text(clash, encoding="utf-8")

    assert sources.find_all(tmp_path)["avito_ma"] is sources.find_all()["avito_ma"]
    assert "avito_ma" in sources.broken(tmp_path)


def test_importing_sources_loads_none_of_them() -> None:
    """Discovery is lazy: a command that needs no source does not pay for them."""
    code = (
        "import sys, vigie.sources\n"
        "heavy = {'polars', 'selectolax', 'vigie.sources.avito_ma', 'vigie.sources.files'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(FOLDER.parents[1])},
    )
    assert done.stdout.strip() == "[]"


def test_only_france_travail_logs_in() -> None:
    """A source's login class is found by its name; an open source has none."""
    assert sources.login_class("avito_ma") is None
    assert sources.login_class("linkedin_ds") is None
    assert sources.login_class("france_travail") is not None


def test_a_file_map_cannot_be_asked() -> None:
    """A file source says how its files are imported."""
    with pytest.raises(ConfigError, match="vigie import FILE --source linkedin_ds"):
        list(sources.make("linkedin_ds").first(Query(name="all")))
