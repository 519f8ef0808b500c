"""One run in full: its fates by query, by category, its pages and what was set apart."""

from typing import TYPE_CHECKING, Final

from vigie.cli.output import emit_json, plain, table
from vigie.errors import UsageError
from vigie.model.fates import Fate

if TYPE_CHECKING:
    from vigie.wiring import Instance


SET_APART: Final = 20
"""Rows set apart that a person is shown; `--json` has all."""
EVERY: Final = 1_000_000


def run_report(here: "Instance", run: str, *, as_json: bool) -> None:
    """Print the run *run*, or the last one.

    Raises:
        UsageError: there is no such run.
    """
    if run == "last":
        newest = here.store.runs(1)
        if not newest.height:
            raise UsageError("nothing was run yet: vigie collect, or vigie import")
        run = newest["run"][0]
    told = here.store.run(run)
    if not told.height:
        raise UsageError(f"there is no run {run!r}: see `vigie runs list`")
    pages = here.store.pages(run)
    categories = here.store.categories(run)
    if as_json:
        emit_json({
            "run": run,
            "queries": [plain(row) for row in told.iter_rows(named=True)],
            "categories": [plain(row) for row in categories.iter_rows(named=True)],
            "pages": [plain(row) for row in pages.iter_rows(named=True)],
            "set_apart": [
                plain(row) for row in here.store.quarantine(EVERY, run=run).iter_rows(named=True)
            ],
        })  # fmt: skip
        return
    print(f"run {run}")
    fates = [str(fate) for fate in Fate]
    table(told.select("source", "query", "state", "scan", "pages", "failures", "found", *fates,
                      "closed", "reopened"))  # fmt: skip
    found = int(told["found"].sum())
    parts = " + ".join(f"{int(told[name].sum())} {name}" for name in fates)
    summed = sum(int(told[name].sum()) for name in fates)
    print(f"{found} found = {parts}" + ("" if found == summed else f"  DOES NOT ADD UP ({summed})"))
    for row in told.iter_rows(named=True):
        for word in ("why", "held"):
            if row[word]:
                print(f"{row['source']} {row['query']}: {word} {row[word]}".replace("  ", " "))
    if categories.height:
        print("\nlistings by source and category")
        table(categories.head(40))
    bad = pages.filter(pages["state"].is_in(["ok", "empty"]).not_())
    if bad.height:
        print("\npages that were not read")
        table(bad.select("at", "source", "state", "status", "url", "why").head(20))
    mine = here.store.quarantine(SET_APART + 1, run=run)
    if mine.height:
        print("\nset apart (replay after mending: vigie replay --source SOURCE)")
        names = ("source", "fate", "reason", "native_id", "capture_id", "item", "detail")
        table(mine.select(names).head(SET_APART))
    if mine.height > SET_APART:
        print(f"… the newest {SET_APART}; all of them: vigie runs show {run} --json")
