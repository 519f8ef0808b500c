"""Stand-in sites on loopback: the demo, the tests and the benchmarks collect from them.

    with Stage(seed=7, now=now) as stage:
        ...collect with stage.rewrite, stage.allow_hosts and a clock that says stage.today...
        stage.next_visit()
        stage.fail("marocannonces", Fault(kind="challenge"))

They answer in each source's real shape, with real-looking addresses, about a world that is
invented (`world`): companies, sellers and phone numbers are nobody's.
"""

from vigie.demo.fault import Fault
from vigie.demo.stage import Stage

__all__ = ["Fault", "Stage"]
