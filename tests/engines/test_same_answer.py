"""Whatever path captures go, through servers or none, the answer is the same, to the record.

A small corpus, for every run of the tests; `bench/same_answer.py` does it on a large one, and on a
stand-alone cluster of Spark.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from corpus import entries
from ground import WAYS, Answer, Ground, Way, differences

from tests.engines.sessions import spark_or_skip
from vigie.wiring.stack import SERVERS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytest.importorskip("pyspark", reason="needs pyspark: ./vigie extras")
pytest.importorskip("confluent_kafka", reason="needs confluent-kafka: ./vigie extras")
pytest.importorskip("obstore", reason="needs obstore: ./vigie extras")
pytestmark = [
    pytest.mark.service,
    pytest.mark.xdist_group("spark"),
    # py4j leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

LISTINGS = 1_500


@pytest.fixture(scope="module")
def spark() -> Iterator["SparkSession"]:
    yield from spark_or_skip()


@pytest.fixture(scope="module")
def ground(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """The corpus in every spool whose server can be had here."""
    servers, missing = {}, {}
    for name in SERVERS:
        try:
            servers[name] = request.getfixturevalue(f"_{name}")
        except pytest.skip.Exception as error:  # told for the ways that need that server
            missing[name] = str(error)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_CA_BUNDLE", raising=False)
        made = Ground(tmp_path_factory.mktemp("same"), servers, missing)
        made.fill(entries(LISTINGS))
        yield made


@pytest.fixture(scope="module")
def first(ground: Ground) -> Answer:
    """What one process makes of files, on SQLite."""
    return ground.answer(WAYS[0], ground.settings(WAYS[0]))


@pytest.mark.parametrize(
    "way", [way for way in WAYS[1:] if not way.cluster], ids=lambda way: way.name
)
def test_every_way_gives_the_same_answer(
    request: pytest.FixtureRequest, ground: Ground, first: Answer, way: Way
) -> None:
    """Same content hash, same fates, same table of runs as one process, files and SQLite."""
    for name in way.needs & ground.missing.keys():
        pytest.skip(ground.missing[name])  # says which server is missing
    if way.on_spark:
        request.getfixturevalue("spark")

    answer = ground.answer(way, ground.settings(way))

    assert not differences(answer, first)
    assert answer.fates.found > LISTINGS
