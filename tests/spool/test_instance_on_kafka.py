"""A whole instance whose spool is Kafka: the same listings as from files, and the same care."""

import secrets
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.model.ask import Ask
from vigie.settings import KafkaSettings, Settings, SpoolSettings
from vigie.wiring import Instance
from vigie.wiring.stack import Kafka

pytestmark = pytest.mark.service
AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture
def offers(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLES / "offres.csv", tmp_path)
    return tmp_path / "offres.csv"


def brought(here: Instance, offers: Path) -> None:
    """Import the example's offers and process them."""
    (name,) = here.maps_for([offers], str(EXAMPLES / "offres.toml"))[0]
    here.import_files([offers], name, on_capture=None, captured_at=AT)
    here.process()


@pytest.fixture
def here(kafka: Kafka, tmp_path: Path) -> Iterator[Instance]:
    settings = Settings(
        data_dir=tmp_path / "data", spool=SpoolSettings(url=f"kafka://{kafka.url}"),
        kafka=KafkaSettings(topic=f"i{secrets.token_hex(4)}-{{source}}", brokers="127.0.0.1:9"),
        watches_dir=tmp_path / "none",
    )  # fmt: skip
    with Instance(settings) as opened:
        opened.__dict__["publisher"] = None  # what is published is another test's
        yield opened


def test_the_same_listings_as_from_files(here: Instance, offers: Path, tmp_path: Path) -> None:
    """Captures through Kafka or through files: one content hash; again: no change."""
    brought(here, offers)
    with Instance(Settings(data_dir=tmp_path / "plain")) as plain:
        brought(plain, offers)
        assert here.store.content_hash() == plain.store.content_hash()
    assert here.store.counts("job")["open"] == 4
    before = here.store.content_hash()
    assert here.process().found == 0
    assert here.store.content_hash() == before
    (segment,) = here.spool_upkeep.segments()
    assert segment.entries == 2  # the file, and the end of its run
    assert [told.damaged for told in here.spool_upkeep.verify()] == [()]


def test_what_is_erased_stays_noted_until_it_is_gone(here: Instance, offers: Path) -> None:
    """The brokers take their time: until no reader finds the capture, it is asked for again."""
    brought(here, offers)
    rows = here.store.get("job", here.every(Ask(kind="job")))
    (capture,) = set(rows["capture_id"])
    here.erase(rows["id"].to_list())
    if here.spool.fetch(capture) is not None:  # a broker may be as quick as that
        assert list(here.store.to_erase()) == [capture]

    until = time.monotonic() + 90
    while here.store.to_erase() and time.monotonic() < until:
        time.sleep(1)
        here.process()

    assert list(here.store.to_erase()) == []
    assert here.spool.fetch(capture) is None
    assert here.process().found == 0
