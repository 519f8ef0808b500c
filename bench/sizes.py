"""What an instance takes on disk: captures, store, index and, made for the purpose, the lake."""

from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from vigie.model.kinds import KINDS
from vigie.settings import Settings
from vigie.wiring import Instance
from vigie.wiring.lake import following, open_lake

_SERVERS = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "mysql": "SELECT SUM(data_length + index_length) FROM information_schema.tables"
    " WHERE table_schema = database()",
}


def told(settings: Settings) -> str:
    """Return listings and megabytes (10^6 bytes) of each part, in one line."""
    with Instance(settings) as here:
        counts = {kind: here.store.counts(kind) for kind in KINDS}
        listings = sum(one["open"] + one["closed"] for one in counts.values())
        lake = open_lake(settings)
        with following(here, lake) as follower:
            follower.catch_up()
            lake.compact(0)
    parts = {
        "spool": folder_bytes(settings.spool_folder),
        "store": store_bytes(settings.store_url),
        "index": folder_bytes(settings.index_folder),
        "lake": folder_bytes(settings.data_dir / "lake"),
    }
    each = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in parts.items())
    return f"    {listings} listings: {each}"


def store_bytes(url: str) -> int:
    """Return the bytes of a database, indexes included."""
    made = make_url(url)
    backend = made.get_backend_name()
    if backend == "sqlite":
        return sum(path.stat().st_size for path in Path(str(made.database)).parent.glob("*.db*"))
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[backend]
    engine = create_engine(made.set(drivername=driver))
    with engine.connect() as connection:
        if backend == "mysql":  # its figures are those of the last look at each table
            for name in inspect(engine).get_table_names():
                connection.execute(text(f"ANALYZE TABLE `{name}`"))
        size = int(connection.execute(text(_SERVERS[backend])).scalar() or 0)
    engine.dispose()
    return size


def folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
