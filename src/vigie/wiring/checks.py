"""Checking live sources: every one at the same time, pins remembered in the data folder."""

import asyncio
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from vigie.errors import UsageError, ViewError
from vigie.model.checks import Checked, Finding, Pin

if TYPE_CHECKING:
    from vigie.collect.fetch import Fetcher
    from vigie.collect.job import Job, Options
    from vigie.wiring.stage import StandIn
    from vigie.wiring.visits import Visits

_HEAD = (
    "# Listings that `vigie sources check` asks for again. Digests of what was shown, no values.\n"
)


def check_sources(
    here: "Visits", names: Sequence[str] | None, options: "Options", stand_in: "StandIn | None"
) -> list[Checked]:
    """Check the sources *names*, or all that can be visited.

    Raises:
        UsageError: no source is called so.
    """
    from vigie.collect.check import check
    from vigie.collect.errand import run_errand
    from vigie.wiring.clock import now

    jobs, broken = _jobs(here, names)
    folder = here.settings.data_dir / "pins"

    async def errand(fetcher: "Fetcher") -> list[Checked]:
        return list(
            await asyncio.gather(
                *(check(job, fetcher, read_pins(folder / f"{job.name}.toml")) for job in jobs)
            )
        )

    clock = now if stand_in is None else stand_in.clock
    done = run_errand(errand, here.agenda, options, now=clock) if jobs else []
    for one in done:
        if one.pins:
            write_pins(folder / f"{one.source}.toml", one.pins)
    return sorted([*done, *broken], key=lambda one: one.source)


def _jobs(here: "Visits", names: Sequence[str] | None) -> "tuple[list[Job], list[Checked]]":
    classes, _ = here.source_classes()
    if names:
        return [here.job(name, ()) for name in dict.fromkeys(names)], []
    jobs, broken = [], []
    for name, made in classes.items():
        if hasattr(made, "split"):
            continue
        try:
            job = here.job(name, ())
        except UsageError:
            continue
        except Exception as error:  # a setting of one source must not hide the others
            said = f"cannot be asked: {error}"
            broken.append(Checked(
                source=name, findings=(Finding(check="answers", passed=False, said=said),)
            ))  # fmt: skip
            continue
        if job.login is not None and "" in vars(job.login).values():
            # Only who has a key can look; named on the command line, it fails and says so.
            said = f"needs credentials: see `vigie sources show {name}`"
            broken.append(Checked(
                source=name, findings=(Finding(check="answers", passed=None, said=said),)
            ))  # fmt: skip
            continue
        jobs.append(job)
    return jobs, broken


def read_pins(path: Path) -> list[Pin]:
    """Return the pins of one source; none when it has no file.

    Raises:
        ViewError: the file is not as we wrote it; remove it, and pins are made anew.
    """
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(told.get("pin", []), list[Pin])
    except FileNotFoundError:
        return []
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise ViewError(f"{path} cannot be read ({error}): remove it, it is made anew") from None


def write_pins(path: Path, pins: Sequence[Pin]) -> None:
    """Keep the pins of one source, whole or not at all."""
    lines = [_HEAD]
    for pin in pins:
        lines += [
            "[[pin]]", f"url = {_text(pin.url)}", f"native_id = {_text(pin.native_id)}",
            f"own_page = {'true' if pin.own_page else 'false'}", _table("note", pin.note),
            _table("fields", pin.fields), "",
        ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join(lines), encoding="utf-8")
    fresh.replace(path)


def _table(name: str, values: dict[str, str]) -> str:
    inner = ", ".join(f"{_text(key)} = {_text(value)}" for key, value in values.items())
    return f"{name} = {{{inner}}}"


def _text(value: str) -> str:
    # TOML's basic strings are JSON's, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
