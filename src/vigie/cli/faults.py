"""What is wrong with settings and recipes: one look, told by `config validate` and by `doctor`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vigie.errors import ConfigError, UsageError, VigieError

if TYPE_CHECKING:
    from vigie.wiring import Instance


def looked_at(here: "Instance") -> Iterator[tuple[str, VigieError | None]]:
    """Yield everything that was looked at, each with what is wrong with it, None when it is fine:
    the store's address, watches with their sources, the settings of sources, their credentials'
    names."""
    yield "store.url", _fault_of_address(here)
    for name in here.watch_files():
        yield f"watch {name}", _fault_of_watch(here, name)
    for name in here.settings.sources:
        yield f"[sources.{name}]", _fault_of_source(here, name)
    for name, keys in here.settings.logins.items():
        yield f"[logins.{name}]", _fault_of_login(here, name, list(keys))
    for name, why in here.source_classes()[1].items():
        yield f"source {name}", ConfigError(f"source {name} cannot be loaded: {why}")
    yield "settings", None


def _fault_of_address(here: "Instance") -> VigieError | None:
    from vigie.wiring.reach import check_store_url

    try:
        check_store_url(here.settings)
    except ConfigError as error:
        return error
    return None


def _fault_of_watch(here: "Instance", name: str) -> VigieError | None:
    try:
        for source in here.watch(name).source:
            here.source(source.name, source.settings)
    except ConfigError as error:
        return error
    except VigieError as error:
        return ConfigError(f"watch {name}: {error}")
    return None


def _fault_of_source(here: "Instance", name: str) -> VigieError | None:
    try:
        here.source(name)
    except UsageError as error:
        return ConfigError(f"[sources.{name}]: {error}")
    except VigieError as error:
        return error
    return None


def _fault_of_login(here: "Instance", name: str, keys: list[str]) -> VigieError | None:
    from vigie.wiring import login_keys

    try:
        known = login_keys(here, name)
    except VigieError as error:
        return ConfigError(f"[logins.{name}]: {error}")
    unknown = [key for key in keys if key not in known]
    if not unknown:
        return None
    told = f"it needs {', '.join(known)}" if known else "it needs no credentials"
    return ConfigError(f"[logins.{name}] {unknown[0]}: {name} has no such credential; {told}")


def told(here: "Instance") -> str:
    """Return how much was looked at.

    Raises:
        ConfigError: something is wrong; all of it is told.
    """
    found = list(looked_at(here))
    wrong = [str(fault) for _, fault in found if fault is not None]
    if wrong:
        raise ConfigError("; ".join(wrong))
    return f"{sum(what.startswith('watch ') for what, _ in found)} watches read, all are fine"
