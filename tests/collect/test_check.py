"""`vigie sources check` on stand-in sites: what is well passes, what is not says why."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.cli.check_report import print_checks
from vigie.config import load
from vigie.demo import Fault, Stage
from vigie.errors import ViewError
from vigie.model.checks import Checked, Finding
from vigie.wiring import Instance, StandIn

NOW = datetime.now(UTC).replace(microsecond=0)
SITES = ("avito_ma", "france_travail", "marocannonces")


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(seed=3, now=NOW, jobs=300, ads=400, only=SITES) as served:
        yield served


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Instance]:
    logins = {"france_travail": {"client_id": "us", "client_secret": "hush"}}
    loaded = load({"data_dir": tmp_path, "logins": logins}, environ={}, folder=tmp_path)
    with Instance(loaded.settings) as opened:
        yield opened


def check(here: Instance, stage: Stage, *names: str) -> list[Checked]:
    stand_in = StandIn(stage.rewrite, stage.allow_hosts, lambda: datetime.now(UTC))
    return here.check_sources(names or SITES, stand_in)


def said(done: Checked, name: str) -> Finding:
    return next(one for one in done.findings if one.check == name)


def test_sites_that_are_well_pass(here: Instance, stage: Stage) -> None:
    """Twice: at first five pages of each are pinned, then they are as they were."""
    first, second = check(here, stage), check(here, stage)

    assert [one.source for one in first] == list(SITES)
    assert all(one.passed for one in first + second), first + second
    assert all(said(one, "pinned pages").said == "none before; 5 pinned" for one in first)
    assert all(said(one, "pinned pages").said.startswith("5 of 5 as they were") for one in second)
    assert said(first[0], "sentinel").passed
    assert said(first[2], "sentinel").passed is None  # it cannot be asked for nothing
    assert here.agenda.asked(NOW.replace(year=2000))
    assert not here.store.runs(1).height


def test_pins_hold_no_values(here: Instance, stage: Stage, tmp_path: Path) -> None:
    """Addresses, ids and digests; no title, no name, no telephone."""
    check(here, stage)

    kept = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "pins").iterdir())
    assert kept.count("[[pin]]") == 15
    assert not any(ad.title in kept or ad.phone in kept for ad in stage.world.ads)
    assert not any(job.phone in kept for job in stage.world.jobs)


@pytest.mark.parametrize(
    ("site", "fault", "failed"),
    [
        ("france_travail", "ignores_filter", {"sentinel"}),
        ("avito_ma", "ignores_filter", {"sentinel"}),
        ("avito_ma", "endless", {"paging"}),
        ("avito_ma", "challenge", {"answers"}),
        ("marocannonces", "layout_changed", {"answers", "pinned pages"}),
        ("marocannonces", "empty", {"answers"}),
    ],
)
def test_a_site_that_is_not_well_fails_for_its_reason(
    here: Instance, stage: Stage, site: str, fault: str, failed: set[str]
) -> None:
    """The check that notices says so; the other source passes meanwhile."""
    other = next(name for name in SITES if name != site)
    check(here, stage, site, other)
    stage.fail(site, Fault(kind=fault))  # type: ignore[arg-type]  # one of Fault's

    done = {one.source: one for one in check(here, stage, site, other)}

    wrong = {one.check for one in done[site].findings if one.passed is False}
    assert wrong
    assert wrong <= failed
    assert done[other].passed


def test_a_pin_that_is_gone_is_replaced(here: Instance, stage: Stage) -> None:
    """A listing that was taken down is no fault of its site: another one is pinned."""
    check(here, stage, "marocannonces")
    for _ in range(12):
        stage.next_visit()

    (done,) = check(here, stage, "marocannonces")

    assert said(done, "pinned pages").passed, done
    assert "gone" in said(done, "pinned pages").said
    assert len(done.pins) == 5


def test_a_silent_site_fails(here: Instance, stage: Stage) -> None:
    """Nobody answers: the check says so and the pins stay."""
    stage.silence("avito_ma")

    (done,) = check(here, stage, "avito_ma")

    assert not done.passed
    assert said(done, "answers").said.startswith("refused")


def test_a_damaged_file_of_pins_is_told(here: Instance, stage: Stage, tmp_path: Path) -> None:
    """One line that says which file to remove."""
    (tmp_path / "pins").mkdir()
    (tmp_path / "pins" / "avito_ma.toml").write_text("[[pin]]\nurl = 3\n", encoding="utf-8")

    with pytest.raises(ViewError, match=r"avito_ma\.toml"):
        check(here, stage, "avito_ma")


def test_a_report_says_it_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """A mark and a reason per check; whether all passed is returned, for the exit code."""
    well = Checked(source="a", findings=(Finding(check="paging", passed=True, said="12 new"),))
    ill = Checked(source="b", findings=(
        Finding(check="sentinel", passed=None, said="none"),
        Finding(check="answers", passed=False, said="timeout"),
    ))  # fmt: skip

    assert print_checks([well], as_json=False)
    assert not print_checks([well, ill], as_json=False)
    told = capsys.readouterr()
    assert "  ✗ answers          timeout\n" in told.out
    assert told.err == "1 of 2 sources failed: b\n"
