"""What is known of each source: what its folder declares beside how it does."""

import dataclasses
import difflib
from typing import TYPE_CHECKING, Any

from vigie.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

    from vigie.wiring import Instance


def sources_frame(here: "Instance") -> "tuple[pl.DataFrame, dict[str, str]]":
    """Return every source, asked or not, with its state; and those that cannot be loaded."""
    import polars as pl

    classes, broken = here.source_classes()
    known = here.store.sources()
    declared = pl.DataFrame(
        {"source": list(classes), "declared": [cls.kind for cls in classes.values()]},
        schema={"source": pl.String(), "declared": pl.String()},
    )
    joined = declared.join(known, on="source", how="full", coalesce=True).sort("source")
    filled = joined.with_columns(
        pl.coalesce("kind", "declared").alias("kind"),
        pl.col("state").fill_null("not_scheduled"),
        pl.col("open").fill_null(0), pl.col("total").fill_null(0),
        pl.when(pl.col("imported_at").is_not_null()).then(
            pl.format("{} on {}", "imported_found", pl.col("imported_at").dt.date())
        ).alias("imported"),
    )  # fmt: skip
    return filled.drop("declared"), broken


def source_facts(here: "Instance", name: str) -> dict[str, Any]:
    """Return the facts of one source.

    Raises:
        UsageError: no source is called so.
    """
    from vigie.cli.output import plain

    classes, _ = here.source_classes()
    if name not in classes:
        near = difflib.get_close_matches(name, classes, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(classes)}."
        raise UsageError(f"no source is called {name!r}. {hint}")
    source = here.source(name)
    facts: dict[str, Any] = {
        "source": name, "label": source.label, "kind": source.kind, "zone": source.zone,
        "revision": source.revision, "terms": source.terms.url,
        "terms_read_on": source.terms.read_on, "reuse": source.terms.reuse,
        "attribution": source.terms.attribution,
    }  # fmt: skip
    facts |= {
        f"setting.{field.name}": getattr(source, field.name)
        for field in dataclasses.fields(source)  # type: ignore[arg-type]  # sources are dataclasses
        if not field.metadata.get("secret")
    }
    known = here.store.sources()
    for row in known.filter(known["source"] == name).iter_rows(named=True):
        facts |= plain({key: value for key, value in row.items() if key not in facts})
    return facts
