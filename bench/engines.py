"""Engines on the same raw ads: embedded, Spark, and plain scripts that do part of it.

    .venv/bin/python bench/engines.py --ads 200000

- embedded, spark: parse, clean and store on SQLite, as `vigie process` does it.
- spark to parquet: parse and clean on Spark, each worker writing Parquet; no store.
- bare script: PySpark as tuned scripts are written: mapInPandas, lxml-fast parsing of the JSON, a
  few cleaned columns, Parquet.
- udf script: PySpark as it is mostly written: one Python UDF per column, BeautifulSoup.

Each in a process of its own, Java included: CPU seconds and peak memory are of the whole tree of
processes, sampled every 0.2 s.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parent))

from chain import _instance, prepare  # the folder is not a package

from vigie.contracts import Slicing

MASTER = "local[2]"


def embedded(folder: Path) -> int:
    with _instance(str(folder)) as here:
        return here.process().found


def spark(folder: Path) -> int:
    from vigie.wiring.sparking import process_on_spark

    with _instance(str(folder)) as here:
        return process_on_spark(here, master=MASTER).found


def spark_to_parquet(folder: Path) -> int:
    """Vigie's readers and steps inside mapInArrow, rows straight to Parquet."""
    from vigie.engines.spark import refined_rows
    from vigie.wiring.sparking import open_session, work_of

    with _instance(str(folder)) as here:
        session = open_session(here.settings, MASTER)
        spool = cast(Slicing, here.spool)  # a folder: it can be read in parts
        rows = refined_rows(session, spool, work_of(here.settings), "ad")
        rows.write.mode("overwrite").parquet(str(folder / "ours.parquet"))
        return int(session.read.parquet(str(folder / "ours.parquet")).count())


def bare_script(folder: Path) -> int:
    from vigie.wiring.sparking import open_session

    with _instance(str(folder)) as here:
        session = open_session(here.settings, MASTER)
    pages = session.read.parquet(str(folder / "pages.parquet"))
    cleaned = pages.repartition(8).mapInPandas(_clean_pages, _COLUMNS)
    cleaned.dropDuplicates(["id"]).write.mode("overwrite").parquet(str(folder / "bare.parquet"))
    return int(session.read.parquet(str(folder / "bare.parquet")).count())


def udf_script(folder: Path) -> int:
    from pyspark.sql import functions
    from pyspark.sql.types import StringType

    from vigie.wiring.sparking import open_session

    with _instance(str(folder)) as here:
        session = open_session(here.settings, MASTER)
    pages = session.read.parquet(str(folder / "pages.parquet"))
    ads = pages.repartition(8).select(
        functions.explode(functions.udf(_soup_ads, "array<string>")("html")).alias("ad")
    )
    for name, read in _READERS.items():
        ads = ads.withColumn(name, functions.udf(read, StringType())("ad"))
    ads = ads.drop("ad").dropDuplicates(["id"])
    ads.write.mode("overwrite").parquet(str(folder / "udf.parquet"))
    return int(session.read.parquet(str(folder / "udf.parquet")).count())


_COLUMNS = "id string, title string, text string, price double, city string, minutes int"
_DATA = re.compile(rb'<script id="__NEXT_DATA__"[^>]*>(.*?)</script>', re.S)
_TAGS = re.compile(r"<[^>]+>")


def _ads(page: bytes) -> list[Any]:
    found = _DATA.search(page)
    if found is None:
        return []
    data = json.loads(found[1])
    ads: list[Any] = data["props"]["pageProps"]["initialReduxState"]["ad"]["search"]["ads"]
    return ads


def _clean_pages(frames: Any) -> Any:
    import pandas as pd

    for frame in frames:
        rows = [
            (
                ad["listId"], re.sub(r"\s+", " ", ad["subject"]).strip(),
                _TAGS.sub(" ", ad["description"]), ad["price"].get("value"),
                ad["location"].split(",")[0], int(re.search(r"\d+", ad["date"])[0]),  # type: ignore[index]
            )
            for page in frame["html"] for ad in _ads(page)
        ]  # fmt: skip
        yield pd.DataFrame(rows, columns=["id", "title", "text", "price", "city", "minutes"])


def _soup_ads(page: bytes) -> list[str]:
    from bs4 import BeautifulSoup

    data = BeautifulSoup(bytes(page), "html.parser").find("script", id="__NEXT_DATA__")
    if data is None:
        return []
    told = json.loads(data.string)["props"]["pageProps"]["initialReduxState"]["ad"]["search"]
    return [json.dumps(ad) for ad in told["ads"]]


def _soup_text(ad: str) -> str:
    from bs4 import BeautifulSoup

    return str(BeautifulSoup(json.loads(ad)["description"], "html.parser").get_text(" "))


_READERS = {
    "id": lambda ad: json.loads(ad)["listId"],
    "title": lambda ad: re.sub(r"\s+", " ", json.loads(ad)["subject"]).strip(),
    "text": _soup_text,
    "price": lambda ad: str(json.loads(ad)["price"].get("value")),
    "city": lambda ad: json.loads(ad)["location"].split(",")[0],
}

WORKS = {
    "embedded": embedded, "spark": spark, "spark to parquet": spark_to_parquet,
    "bare script": bare_script, "udf script": udf_script,
}  # fmt: skip


def measured(name: str, folder: Path) -> tuple[int, float, float, float]:
    """Return records, wall seconds, CPU seconds and peak megabytes of the tree of processes."""
    import psutil

    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, __file__, "--work", name, "--folder", str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    over = threading.Event()
    spent: dict[int, float] = {}
    peak = 0.0

    def watch() -> None:
        nonlocal peak
        root = psutil.Process(child.pid)
        while not over.wait(0.2):
            memory = 0
            try:
                family = [root, *root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            for one in family:
                try:
                    times = one.cpu_times()
                    spent[one.pid] = times.user + times.system
                    memory += one.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak = max(peak, memory / 1e6)

    looking = threading.Thread(target=watch)
    looking.start()
    out, told = child.communicate()
    over.set()
    looking.join()
    if child.returncode:
        raise SystemExit(f"{name} failed: {told[-2000:]}")
    records = int(out.strip().splitlines()[-1])
    return records, time.perf_counter() - started, sum(spent.values()), peak


def pages_as_parquet(folder: Path) -> None:
    """Give the plain scripts the same pages as they like them: a column of HTML."""
    import polars as pl

    with _instance(str(folder)) as here:
        bodies = [
            one.body for _, part in here.spool.read("peer", {}) for one in part
            if hasattr(one, "body")
        ]  # fmt: skip
    pl.DataFrame({"html": bodies}).write_parquet(folder / "pages.parquet", row_group_size=200)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ads", type=int, default=200_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--work", default="")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.work:
        print(WORKS[given.work](given.folder))
        return
    folder = Path(tempfile.mkdtemp(prefix="vigie-engines-"))
    try:
        prepare(str(folder), given.ads)
        pages_as_parquet(folder)
        print(f"{'work':18}{'records':>10}{'wall s':>9}{'CPU s':>9}{'per s':>9}{'peak MB':>9}")
        for name in WORKS:
            if given.only and name not in given.only.split(","):
                continue
            for path in folder.glob("vigie.db*"):
                path.unlink()
            shutil.rmtree(folder / "index", ignore_errors=True)
            records, wall, cpu, peak = measured(name, folder)
            print(
                f"{name:18}{records:>10}{wall:>9.1f}{cpu:>9.1f}{records / wall:>9.0f}{peak:>9.0f}",
                flush=True,
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
