"""The command line called as a person calls it: arguments in, exit code and two streams out."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from vigie.cli.app import main

MAP = """\
name = "offres"
kind = "job"
label = "Offres d'essai"
zone = "Europe/Paris"
header = ["ref", "intitulé", "société"]
identity = ["ref"]
texts = ["texte"]

[terms]
url = "https://offres.test/conditions"
attribution = "Offres d'essai"
reuse = "invented for a test"

[fields]
title = "intitulé"
company = "société"
place_raw = "ville"
pay_raw = "salaire"
text_raw = "texte"
posted_raw = "publiée"
"""

ROWS = """\
ref,intitulé,société,ville,salaire,texte,publiée
1,Développeur Python (H/F),Éclair & Fils,Lyon,45-55 k€ brut/an,"Python, tout l'été.",2026-11-19
2,"=HYPERLINK(""http://mal.test"")",+33 SARL,Rennes,,"- deux jours de télétravail",2026-11-18
3,مهندس بيانات,شركة,Paris,,"@accueil, un 😀",2026-11-17
4,Data engineer,"Point; virgule",Brest,-12 €/h,"Ligne une
ligne deux",2026-11-16
"""


@dataclass(frozen=True)
class Outcome:
    """What a command answered."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def _a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the person who runs the tests reaches them, and nothing of theirs is left."""
    for name in list(os.environ):
        if name.startswith("VIGIE_"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.chdir(home)
    yield
    structlog.reset_defaults()


@pytest.fixture
def vigie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """Call `vigie` in this process on a data folder of the test's own."""

    def call(*arguments: str | Path) -> Outcome:
        given = ["--data-dir", str(tmp_path / "data"), *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", ["vigie", *given])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        told = capsys.readouterr()
        return Outcome(code, told.out, told.err)

    return call


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CSV of four offers; its map, `offres.toml`, stands beside it."""
    path = tmp_path / "offres.csv"
    path.write_text(ROWS, encoding="utf-8", newline="")
    path.with_suffix(".toml").write_text(MAP, encoding="utf-8")
    return path


@pytest.fixture
def offers(vigie: Call, table: Path) -> Call:
    """`vigie` on a data folder that holds the four offers."""
    told = vigie("import", table, "--map", table.with_suffix(".toml"))
    assert told.code == 0, told.err
    assert told.out == "4 found: 4 new\n"
    return vigie
