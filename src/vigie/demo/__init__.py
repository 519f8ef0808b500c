"""Stand-in sites on loopback: the demo, the tests and the benchmarks collect from them.

    with Stage(seed=7, now=now) as stage:
        ...collect with stage.rewrite, stage.allow_hosts and a clock that says stage.today...
        stage.next_visit()
        stage.fail("marocannonces", Fault(kind="challenge"))

A demo that has something to tell: a first visit two days ago and a second one yesterday, all
well; today a third with new listings and lower prices, during which MarocAnnonces answers a
challenge (blocked: its listings stay) and France Travail is cut short (a held run closes nothing).

They answer in each source's real shape, with real-looking addresses, about a world that is
invented (`world`): companies, sellers and phone numbers are nobody's.
"""

from vigie.demo.fault import Fault
from vigie.demo.stage import Stage

__all__ = ["Fault", "Stage"]
