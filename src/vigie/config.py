"""Settings as they are here: read once, each with its origin.

A value comes from the first of: a flag of the command line, the environment (`VIGIE_SERVE__PORT`),
`vigie.toml` in the current folder, the user's own file, the default (`vigie.settings`).
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import platformdirs
from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource

from vigie.errors import ConfigError
from vigie.settings import PREFIX, Group, Settings, is_secret

FILE_NAME: Final = "vigie.toml"
COPY_TO: Final = "VIGIE_COPY_TO"
"""Where `vigie db copy` copies to."""
_NOT_SETTINGS: Final = frozenset({"VIGIE_CONFIG", "VIGIE_DEMO_ORIGINS", COPY_TO})


class Loaded(BaseModel):
    """Settings and where each value came from (`serve.port` → `./vigie.toml`)."""

    settings: Settings
    origins: dict[str, str]


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    file: Path | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Loaded:
    """Read settings from every origin.

    Args:
        flags: Values given on the command line, nested as in the file.
        file: Read this file instead of `vigie.toml` and the user's own.
        environ: The environment; by default the process's.
        folder: Where `vigie.toml` is looked for; by default the current folder.

    Raises:
        ConfigError: a file cannot be read, a name is unknown or a value is wrong; the message
            names the origin and, for an unknown name, the nearest known one.
    """
    environ = os.environ if environ is None else environ
    named = file or (Path(environ["VIGIE_CONFIG"]) if environ.get("VIGIE_CONFIG") else None)
    if named is not None and not named.is_file():
        raise ConfigError(f"there is no settings file at {named}")
    user_file = Path(platformdirs.user_config_dir("vigie")) / FILE_NAME
    files = [named] if named else [user_file, (folder or Path()) / FILE_NAME]
    layers = [(str(path), _read_file(path)) for path in files if path.is_file()]
    layers.append(("environment", _read_environment(environ)))
    layers.append(("flag", dict(flags or {})))
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, layer in layers:
        _check_names(layer, origin)
        _merge(merged, layer, origin, origins)
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        raise ConfigError(_explain(error, origins)) from None
    return Loaded(settings=settings, origins=origins)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    ours = {key: value for key, value in environ.items() if key.startswith(PREFIX)}
    for key in ours:
        top = key.removeprefix(PREFIX).partition("__")[0].lower()
        if key not in _NOT_SETTINGS and top not in Settings.model_fields:
            raise ConfigError(_unknown(top, "environment", list(Settings.model_fields), key))
    source = EnvSettingsSource(Settings, env_prefix=PREFIX, env_nested_delimiter="__")
    source.env_vars = {key.lower(): value for key, value in ours.items()}
    try:
        return dict(source())
    except ValueError as error:
        raise ConfigError(f"the environment cannot be read: {error}") from None


def _check_names(layer: Mapping[str, Any], origin: str) -> None:
    known = Settings.model_fields
    for name, value in layer.items():
        if name not in known:
            raise ConfigError(_unknown(name, origin, list(known), name))
        group = known[name].annotation
        if isinstance(group, type) and issubclass(group, Group):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{name} (in {origin}) is a group of settings: write [{name}]")
            for leaf in value:
                if leaf not in group.model_fields:
                    full = f"{name}.{leaf}"
                    raise ConfigError(_unknown(leaf, origin, list(group.model_fields), full))


def _unknown(name: str, origin: str, known: list[str], shown: str) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
    return f"unknown setting {shown!r} (in {origin}). {hint}"


def _merge(
    into: dict[str, Any], layer: Mapping[str, Any], origin: str, origins: dict[str, str],
    prefix: str = "",
) -> None:  # fmt: skip
    for name, value in layer.items():
        full = f"{prefix}{name}"
        if isinstance(value, Mapping):
            inner = into.setdefault(name, {})
            if not isinstance(inner, dict):
                raise ConfigError(
                    f"{full} is one value in {origins[full]} and a group in {origin}: "
                    f"write [{full}] in both"
                )
            _merge(inner, value, origin, origins, f"{full}.")
        else:
            into[name] = value
            origins[full] = origin


def _explain(error: ValidationError, origins: Mapping[str, str]) -> str:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    origin = origins.get(name) or _origin_below(name, origins)
    # What stands at a secret's place is one, or was meant to be: never shown, not even when wrong.
    secret = is_secret(tuple(str(part) for part in first["loc"]))
    how = "; write [logins.SOURCE] NAME = 'text'" if first["loc"][0] == "logins" else ""
    # An address may hold a password, and a group anything.
    plain = isinstance(first["input"], (str, int, float)) and "://" not in str(first["input"])
    value = f" = {first['input']!r}" if plain and not secret else ""
    return f"{name}{value}: {first['msg'].lower()} (in {origin}){how}"


def _origin_below(name: str, origins: Mapping[str, str]) -> str:
    """Return the origin of a group from any value in it."""
    return next((o for leaf, o in origins.items() if leaf.startswith(f"{name}.")), "settings")
