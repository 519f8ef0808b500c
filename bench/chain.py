"""How fast captures become searchable listings, beside pandas + BeautifulSoup doing the same.

    .venv/bin/python bench/chain.py --ads 200000

Stages are timed cumulatively, each in a process of its own: parse; parse and clean; and store;
and index (the whole chain). The peer reads the same pages with BeautifulSoup, builds a pandas
frame row by row, cleans it with `apply` as such scripts do, and writes SQLite with `to_sql`.
"""

import argparse
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measure import measured
from raw_ads import entries

from vigie.config import load
from vigie.wiring import Instance


def prepare(folder: str, ads: int) -> int:
    """Write the captures to a spool; return their number of ads."""
    with _instance(folder) as here:
        batch = []
        for entry in entries(ads):
            batch.append(entry)
            if len(batch) == 64:
                here.spool.append(batch)
                batch = []
        here.spool.append(batch)
    return ads


def parse(folder: str) -> int:
    """Only read the pages."""
    from vigie.engines.batch import Recipe, refine

    with _instance(folder) as here:
        recipe = Recipe(find=here.find, clean=lambda _kind, rows: rows)
        batches = here.spool.read("parse", {})
        return sum(
            rows.height for _, part in batches for rows in refine(part, recipe).listings.values()
        )


def clean(folder: str) -> int:
    """Read and clean."""
    from vigie.engines.batch import refine

    with _instance(folder) as here:
        return sum(
            rows.height
            for _, part in here.spool.read("clean", {})
            for rows in refine(part, here.recipe).listings.values()
        )


def store(folder: str) -> int:
    """Read, clean and store."""
    from vigie.engines.embedded import process

    with _instance(folder) as here:
        shutil.rmtree(here.settings.index_folder, ignore_errors=True)
        for path in Path(folder).glob("vigie.db*"):
            path.unlink()
        return process(here.spool, here.store, here.recipe).found


def index(folder: str) -> int:
    """Index what is stored."""
    with _instance(folder) as here:
        return here.follower.catch_up()


def chain(folder: str) -> int:
    """Everything, as `vigie process` does it."""
    from vigie.cli.processing import few_threads

    few_threads()
    with _instance(folder) as here:
        shutil.rmtree(here.settings.index_folder, ignore_errors=True)
        for path in Path(folder).glob("vigie.db*"):
            path.unlink()
        return here.process().found


def peer(folder: str) -> int:
    """The plain way: BeautifulSoup, a list of dicts, pandas, apply, to_sql."""
    import pandas as pd
    from bs4 import BeautifulSoup

    found = []
    with _instance(folder) as here:
        for _, part in here.spool.read("peer", {}):
            for page in part:
                if not hasattr(page, "body"):
                    continue
                soup = BeautifulSoup(page.body, "html.parser")
                data = json.loads(soup.find("script", id="__NEXT_DATA__").string)
                for ad in data["props"]["pageProps"]["initialReduxState"]["ad"]["search"]["ads"]:
                    found.append({
                        "id": ad["listId"], "title": ad["subject"], "text": ad["description"],
                        "price": ad["price"].get("value"), "place": ad["location"],
                        "date": ad["date"], "category": ad["category"]["name"], "url": ad["href"],
                    })  # fmt: skip
        frame = pd.DataFrame(found)
        frame["text"] = frame["text"].apply(
            lambda t: BeautifulSoup(t, "html.parser").get_text(" ") if "<" in t else t
        )
        frame["title"] = frame["title"].apply(lambda t: re.sub(r"\s+", " ", t).strip())
        frame["city"] = frame["place"].apply(lambda t: t.split(",")[0])
        frame["minutes"] = frame["date"].apply(lambda t: int(re.findall(r"\d+", t)[0]))
        frame = frame.drop_duplicates("id")
        connection = sqlite3.connect(Path(folder) / "peer.db")
        frame.to_sql("ads", connection, if_exists="replace", index=False)
        connection.close()
    return len(frame)


def _instance(folder: str) -> Instance:
    return Instance(load({"data_dir": folder}, environ={}).settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ads", type=int, default=200_000)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="vigie-bench-")
    try:
        prepare(folder, given.ads)
        works = [parse, clean, store, index, chain] + ([] if given.no_peer else [peer])
        print(f"{'work':10}{'records':>10}{'wall s':>9}{'CPU s':>9}{'per s':>9}{'peak MB':>9}")
        for work in works:
            if given.only and work.__name__ not in given.only.split(","):
                continue
            told = measured(work, folder)
            print(
                f"{work.__name__:10}{told['records']:>10}{told['wall_s']:>9.1f}"
                f"{told['cpu_s']:>9.1f}{told['records'] / told['wall_s']:>9.0f}"
                f"{told['peak_mb']:>9.0f}",
                flush=True,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
