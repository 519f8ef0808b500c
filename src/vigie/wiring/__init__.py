"""The one room that chooses concrete parts and puts them together.

An `Instance` is Vigie on one data folder.
"""

from typing import TYPE_CHECKING

from vigie.wiring.clock import now
from vigie.wiring.instance import Instance
from vigie.wiring.log import set_up_log
from vigie.wiring.stage import StandIn

if TYPE_CHECKING:
    from vigie.collect.job import Job, Progress, Report

__all__ = ["Instance", "Job", "Progress", "Report", "StandIn", "now", "set_up_log"]
