"""A page that was spooled twice, as a producer that dies may do, costs nothing but a line."""

from pathlib import Path

from corpus import entries

from tests.engines.sessions import settings_in
from vigie.engines import embedded
from vigie.model.capture import Capture
from vigie.wiring import Instance


def test_the_same_page_twice_in_a_batch_is_counted_once(tmp_path: Path) -> None:
    """Every item has one fate each time it is listed, and the run adds up."""
    every = list(entries(300, with_recorded=False))
    page = next(one for one in every if isinstance(one, Capture))
    with Instance(settings_in(tmp_path)) as here:
        here.spool.append([page, page])
        fates = embedded.process(here.spool, here.store, here.recipe)
        run = here.store.run(page.run).row(0, named=True)
        listed = fates.new
        assert listed > 0
        assert fates.duplicate == listed
        assert run["found"] == 2 * listed
        assert (run["new"], run["duplicate"]) == (listed, listed)
