"""What landing promises: each run's listings once, whole, announced, and forgotten when erased."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.watch_stage import NOW, on_stage
from tests.spool.spools import bucket
from vigie.errors import ViewError
from vigie.wiring.landing import land
from vigie.wiring.stack import S3
from vigie.wiring.watching import WatchRun, run_watch

pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")
pytestmark = pytest.mark.service

NEXT_STAGE = """
import json, pathlib, sys
event = json.load(sys.stdin)
with pathlib.Path(sys.argv[1]).open("a") as file:
    file.write(event["id"] + "\\n")
"""


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[tuple[Any, Any, Any]]:
    with on_stage(tmp_path / "data", "emplois-data-fr") as (here, watch, _, stand_in):
        yield here, watch, stand_in


def landing_in(here: Any, url: str, **more: str) -> None:
    here.settings = here.settings.model_copy(
        update={"landing": here.settings.landing.model_copy(update={"url": url, **more})}
    )


def run(staged: tuple[Any, Any, Any]) -> WatchRun:
    here, watch, stand_in = staged
    return run_watch(here, watch, stand_in=stand_in)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_run_lands_once(staged: tuple[Any, Any, Any], tmp_path: Path) -> None:
    """One file a source and run, one event; landed again, nothing is said or written."""
    here, watch, _ = staged
    landing_in(here, str(tmp_path / "landing"))
    done = run(staged)
    (file,) = [one for one in done.landed if "/france_travail/" in one.path]
    assert file.announced
    rows = rows_of(tmp_path / "landing" / file.path)
    assert len(rows) == file.rows > 0
    assert {row["source"] for row in rows} == {"france_travail"}
    (told,) = (tmp_path / "landing" / "events" / "france_travail").iterdir()
    event = json.loads(told.read_bytes())
    assert event["type"] == "vigie.run.landed"
    assert event["subject"] == file.path
    assert event["data"]["rows"] == file.rows
    before = told.stat().st_mtime_ns
    assert not any(one.announced for one in land(here, watch, done.runs, NOW))
    assert told.stat().st_mtime_ns == before


def test_the_next_stage_is_called_until_it_agrees(
    staged: tuple[Any, Any, Any], tmp_path: Path
) -> None:
    """A command gets the event; when it fails, the run is told again."""
    here, watch, _ = staged
    stage, told = tmp_path / "stage.py", tmp_path / "told.txt"
    landing_in(here, str(tmp_path / "landing"), command=f"{sys.executable} {stage} {told}")
    stage.write_text("raise SystemExit(3)")
    with pytest.raises(ViewError, match="the next run makes up for it"):
        run(staged)
    stage.write_text(NEXT_STAGE)
    late = land(here, watch, (), NOW)
    assert len(late) > 1
    assert all(one.announced and one.rows for one in late)
    assert land(here, watch, (), NOW) == []
    assert len(told.read_text().splitlines()) == len(late)


REFUSING_ONE = """
import json, sys
sys.exit("/france_travail/" in json.load(sys.stdin)["subject"])
"""


def test_one_that_is_refused_holds_up_no_other(
    staged: tuple[Any, Any, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The others are announced; a command that cannot be started is said in a line."""
    stage, events = tmp_path / "stage.py", tmp_path / "landing" / "events"
    stage.write_text("print('said by the next stage')" + REFUSING_ONE)
    landing_in(staged[0], str(tmp_path / "landing"), command=f"{sys.executable} {stage}")
    with pytest.raises(ViewError, match=r"france_travail.*landed but not announced"):
        run(staged)
    assert {one.name for one in events.iterdir()} == {"talent", "wttj"}
    out, err = capfd.readouterr()
    assert "said by the next stage" not in out
    assert "said by the next stage" in err
    here, watch, _ = staged
    for wrong in ("no-such-program", "an 'open quote"):
        landing_in(here, str(tmp_path / "landing"), command=wrong)
        with pytest.raises(ViewError, match=r"landing\.command"):
            land(here, watch, (), NOW)


def test_what_is_erased_leaves_the_landed_files(
    staged: tuple[Any, Any, Any], tmp_path: Path
) -> None:
    """Its line is gone; the others stay to the byte."""
    here, _, _ = staged
    landing_in(here, str(tmp_path / "landing"))
    done = run(staged)
    path = tmp_path / "landing" / next(one.path for one in done.landed if one.rows)
    foreign = tmp_path / "landing" / "other.jsonl"
    foreign.write_text('[1]\nnot json\n{"name": "x"}\n')
    landing_in(here, str(tmp_path / "landing"), prefix="moved")
    lines = path.read_bytes().splitlines()
    here.erase([json.loads(lines[1])["id"]])
    assert path.read_bytes().splitlines() == [lines[0], *lines[2:]]
    assert foreign.read_text() == '[1]\nnot json\n{"name": "x"}\n'


def test_in_a_bucket(staged: tuple[Any, Any, Any], s3: S3) -> None:
    """The same on S3, through its emulator."""
    import obstore

    here, _, _ = staged
    store = bucket(s3.url)
    objects = here.settings.objects.model_copy(update={"endpoint_url": s3.url})
    here.settings = here.settings.model_copy(update={"objects": objects})
    landing_in(here, f"s3://{store.config['bucket']}/captures", prefix="raw/")
    done = run(staged)
    assert done.landed
    for file in done.landed:
        assert file.path.startswith("raw/job/")
        assert len(bytes(obstore.get(store, file.path).bytes()).splitlines()) == file.rows
