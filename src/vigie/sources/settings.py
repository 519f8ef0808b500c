"""A source's settings: its dataclass fields, checked by name and type before it is built."""

import dataclasses
import difflib
from collections.abc import Iterable, Mapping
from typing import Any, get_type_hints

import msgspec

from vigie.errors import ConfigError


def build(name: str, source: type[Any], settings: Mapping[str, object]) -> Any:
    """Return *source* with *settings*.

    Text is read as the field's type ("2.5" for a number): settings may come from the environment.

    Raises:
        ConfigError: a setting is unknown, or its value is not of the field's type.
    """
    fields = {
        field.name: field
        for field in dataclasses.fields(source)
        if field.init and not field.metadata.get("secret")  # wiring fills it, no settings file
    }
    hints = get_type_hints(source)
    values: dict[str, object] = {}
    for key, value in settings.items():
        if key not in fields:
            known = ", ".join(fields) or "none"
            raise ConfigError(
                f"unknown setting {key!r} of source {name}.{nearest(key, fields)} Known: {known}"
            )
        try:
            values[key] = msgspec.convert(value, hints[key], strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(
                f"[sources.{name}] {key} = {value!r}: expected {hints[key]} ({error})"
            ) from error
    return source(**values)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean …?" for the name most like *word*, empty when none resembles it."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {found[0]}?" if found else ""
