"""Serve the stand-in sites until Ctrl-C: ``python -m vigie.demo``."""

import threading
from datetime import UTC, datetime

from vigie.demo import Stage

if __name__ == "__main__":
    with Stage(seed=7, now=datetime.now(UTC).replace(microsecond=0)) as stage:
        for name in stage.names():
            print(f"{name:16} {stage.origin(name)}")
        print("Ctrl-C ends.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()
