"""The one room that chooses concrete parts and puts them together.

An `Instance` is Vigie on one data folder.
"""

from typing import TYPE_CHECKING

from vigie.wiring.clock import now
from vigie.wiring.instance import Instance
from vigie.wiring.log import set_up_log
from vigie.wiring.stage import StandIn
from vigie.wiring.visits import login_keys

if TYPE_CHECKING:
    from vigie.collect.file_told import FileTold
    from vigie.collect.job import Job, Progress, Report

__all__ = [
    "FileTold", "Instance", "Job", "Progress", "Report", "StandIn", "login_keys", "now",
    "set_up_log",
]  # fmt: skip
