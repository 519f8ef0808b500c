"""The filter that the site ignored: every question was answered with everything.

The incident: a board changed the name of a parameter. Searches for one job in one town brought the
whole country, were filed under that search, and the listings that truly matched were closed.
"""

from datetime import UTC, datetime
from pathlib import Path

from vigie.config import load
from vigie.demo import Fault, Stage
from vigie.model.capture import Query
from vigie.wiring import Instance, StandIn

NOW = datetime.now(UTC).replace(microsecond=0)


def test_a_site_that_ignores_the_filter_changes_nothing(tmp_path: Path) -> None:
    """Not one listing of it is published, none is closed, and the source's state says why."""
    settings = load({"data_dir": tmp_path}, environ={}, folder=tmp_path).settings
    with Stage(seed=3, now=NOW, jobs=200, ads=300, only=["avito_ma"]) as stage, Instance(
        settings
    ) as here:  # fmt: skip
        stand_in = StandIn(stage.rewrite, stage.allow_hosts, lambda: datetime.now(UTC))
        query = Query(name="one word", words=_word(stage))
        here.collect([here.job("avito_ma", (query,))], stand_in=stand_in)
        here.process()
        before, counted = here.store.content_hash(), here.store.counts("ad")["open"]
        stage.fail("avito_ma", Fault(kind="ignores_filter"))
        with here.store.database.writing() as connection:  # the check of before no longer stands
            connection.exec_driver_sql("DELETE FROM leases")

        (report,) = here.collect([here.job("avito_ma", (query,))], stand_in=stand_in)
        fates = here.process()

        told = here.store.run(report.run).row(0, named=True)
        pages = here.store.pages(report.run)
        assert counted > 0
        assert fates.found == 0
        assert here.store.content_hash() == before
        counts = here.store.counts("ad")
        assert (counts["open"], counts["closed"]) == (counted, 0)
        assert told["state"] == "layout_changed"
        assert told["scan"] == "cut"
        assert told["why"].startswith("ignores what it is asked: the sentinel found ")
        assert pages.filter(pages["capture_id"] != "")["found"].to_list() == [0]


def _word(stage: Stage) -> str:
    """Return a word of the title of the newest ad."""
    newest = next(ad for ad in stage.world.ads if ad.on_avito)
    return max(newest.title.split(), key=len)
