"""How long after a capture is written its listings are found by search, fsync and index included.

    .venv/bin/python bench/latency.py --stored 20000 --pages 200

One process reads the spool and stores, as `vigie collect` does while it visits; another follows
the feed, as `vigie serve` does; a third, this one, writes a page of one ad and asks the index until
it answers with it. The peer's figure is Spark's: no trigger below a second was ever free (0.63 s).
"""

import argparse
import contextlib
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent))

from raw_ads import entries

from vigie.config import load
from vigie.model.ask import Ask
from vigie.model.capture import Capture, capture_id
from vigie.wiring import Instance


def _instance(folder: str) -> Instance:
    return Instance(load({"data_dir": folder}, environ={}).settings)


def follow(folder: str) -> None:
    """Follow the feed as the site does."""
    with _instance(folder) as here, contextlib.suppress(KeyboardInterrupt):
        here.follower.run(threading.Event())


def page(number: int, word: str, like: Capture) -> Capture:
    """Return a page whose ads are called by *word*, which nobody has used."""
    body = like.body.replace(b'"subject":"', b'"subject":"' + word.encode() + b" ")
    body = body.replace(b'"listId":"', b'"listId":"9%d' % number)
    body = body.replace(b'"id":"', b'"id":"9%d' % number)
    identity = capture_id(source=like.source, url=f"{like.url}&n={number}", body=body, at=like.at)
    return msgspec.structs.replace(like, id=identity, url=f"{like.url}&n={number}", body=body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=20_000)
    parser.add_argument("--pages", type=int, default=200)
    given = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="vigie-latency-")
    spawn = multiprocessing.get_context("spawn")
    child = spawn.Process(target=follow, args=(folder,), daemon=True)
    try:
        with _instance(folder) as here:
            here.spool.append(list(entries(given.stored)))
            here.process()
            here.search.close()
        child.start()
        with _instance(folder) as here:
            like = next(one for one in entries(35) if isinstance(one, Capture))
            waits = [_wait(here, number, like) for number in range(given.pages)]
        cut = statistics.quantiles(waits[5:], n=100)  # the first ones load the index
        print(f"{len(waits)} pages, {given.stored} listings stored before")
        print(f"capture written to found: p50 {cut[49]:.0f} ms, p99 {cut[98]:.0f} ms")
    finally:
        child.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(here: Instance, number: int, like: Capture) -> float:
    """Return the milliseconds from the first byte written to the first answer."""
    from vigie.engines.embedded import process

    word = f"zirkel{number}pomme"
    started = time.perf_counter()
    here.spool.append([page(number, word, like)])
    process(here.spool, here.store, here.recipe)
    while here.search.ask(Ask(kind="ad", text=word, limit=1)).total == 0:
        if time.perf_counter() - started > 30:
            raise TimeoutError(word)
        time.sleep(0.002)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
