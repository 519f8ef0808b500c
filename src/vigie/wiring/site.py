"""The site of an instance, as a web worker makes it from the settings in its environment."""

import json
import os
from typing import TYPE_CHECKING

from vigie.wiring.instance import Instance
from vigie.wiring.log import set_up_log

if TYPE_CHECKING:
    from fastapi import FastAPI


def make_site() -> "FastAPI":
    """Return the site for a web worker, from the settings in its environment."""
    from vigie.config import load
    from vigie.engines.ahead import end_with_parent

    end_with_parent()
    stand_ins = json.loads(os.environ.get("VIGIE_DEMO_ORIGINS", "{}"))
    settings = load().settings
    set_up_log(settings.log)
    return Instance(settings).site(stand_ins)
