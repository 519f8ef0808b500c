"""The lake of an instance: opened by its settings, brought up to date, asked in SQL."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from vigie.errors import ConfigError, Missing, UsageError
from vigie.settings import ObjectsSettings, Settings

if TYPE_CHECKING:
    import polars as pl

    from vigie.follow.views import Follower
    from vigie.views.lake.lake import Lake
    from vigie.wiring.instance import Instance


def open_lake(settings: Settings) -> "Lake":
    """Return the lake of `lake.url`: a folder or a bucket.

    Raises:
        Missing: its packages are not installed. ConfigError: the address is none of ours.
    """
    try:
        from obstore.store import LocalStore

        from vigie.views.lake.lake import Lake
        from vigie.views.lake.marker import Marker
    except ModuleNotFoundError as error:
        raise Missing("the lake", "lake") from error
    url = settings.lake.url
    if url.startswith("s3://"):
        from vigie.wiring.spooling import object_store

        return Lake(url, Marker(object_store(url, settings.objects)), _options(settings.objects))
    if "://" in url:
        raise ConfigError(f"lake.url = {url!r}: expected a folder or s3://BUCKET/PREFIX")
    folder = Path(url) if url else settings.data_dir / "lake"
    folder.mkdir(parents=True, exist_ok=True)
    return Lake(str(folder.absolute()), Marker(LocalStore(folder)))


@contextlib.contextmanager
def following(here: "Instance", lake: "Lake") -> "Iterator[Follower]":
    """Give what brings *lake* up to the store; nobody else writes it meanwhile.

    Raises:
        ViewBusy, when it is used: another process is writing it.
    """
    from vigie.follow.views import Follower
    from vigie.model.identity import digest
    from vigie.wiring.leased import LeasedView

    view = LeasedView(lake, here.agenda, f"lake:{digest(lake.url)}")
    try:
        yield Follower(here.store.feed, here.store, view)
    finally:
        view.release()


def erase_from_lake(here: "Instance") -> bool:
    """Take what was erased out of the lake too, if there is one; return whether it holds none."""
    settings = here.settings
    if not settings.lake.url and not any(
        (settings.data_dir / "lake").glob("*/_delta_log")  # the marker is written last
    ):
        return True
    lake, goal = open_lake(settings), here.store.feed.last()
    with following(here, lake) as follower:
        follower.settle()
    return lake.cursor() >= goal


def ask_lake(lake: "Lake", query: str) -> "pl.DataFrame":
    """Return the answer to *query* over the tables jobs, ads, posts and figures.

    Raises:
        UsageError: the query is wrong; DuckDB's words say where. Missing: it is not installed.
    """
    try:
        import duckdb
        import polars as pl
        import pyarrow as pa  # DuckDB reads the lake's files through it
    except ModuleNotFoundError as error:
        raise Missing("vigie sql", "lake") from error
    from vigie.model.kinds import KINDS

    with duckdb.connect(
        ":memory:",
        # Nothing is fetched from anywhere.
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False},
    ) as connection:
        for kind in KINDS.values():
            connection.register(kind.plural, lake.table(kind).to_pyarrow_dataset())
        try:
            answer = connection.sql(query)
            told = None if answer is None else pl.from_arrow(answer.to_arrow_table())
        except duckdb.Error as error:
            why = " ".join(str(error).split())
            raise UsageError(f"the query cannot be answered: {why}") from None
        except (pl.exceptions.PolarsError, pa.ArrowException, ValueError) as error:
            why = " ".join(str(error).split())[:200]
            raise UsageError(
                f"the answer cannot be shown ({why}): name columns apart with AS, and cast "
                f"intervals to text"
            ) from None
    return told if isinstance(told, pl.DataFrame) else pl.DataFrame()


def _options(objects: ObjectsSettings) -> dict[str, str]:
    """Return the object store's options as delta-rs names them."""
    options = {"AWS_REGION": objects.region}
    if objects.endpoint_url:
        options["AWS_ENDPOINT_URL"] = objects.endpoint_url
        options["AWS_ALLOW_HTTP"] = str(objects.endpoint_url.startswith("http://")).lower()
    if objects.access_key_id:
        options["AWS_ACCESS_KEY_ID"] = objects.access_key_id
        options["AWS_SECRET_ACCESS_KEY"] = objects.secret_access_key.get_secret_value()
    return options
