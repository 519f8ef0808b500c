"""What a check of live sources found, as a table per source or as JSON."""

from collections.abc import Sequence

from vigie.cli.context import say
from vigie.cli.output import emit_json
from vigie.model.checks import Checked

_MARKS = {True: "✓", False: "✗", None: "–"}
_WORDS = {True: "passed", False: "failed", None: "not looked at"}


def print_checks(done: Sequence[Checked], *, as_json: bool) -> bool:
    """Print every finding; return whether all sources passed."""
    if as_json:
        emit_json([
            {
                "source": one.source, "passed": one.passed,
                "findings": [
                    {"check": told.check, "passed": told.passed, "said": told.said}
                    for told in one.findings
                ],
            }
            for one in done
        ])  # fmt: skip
    else:
        for one in done:
            print(f"{one.source}: {_WORDS[one.passed]}")
            for told in one.findings:
                print(f"  {_MARKS[told.passed]} {told.check:16} {told.said}")
    failed = [one.source for one in done if not one.passed]
    if failed:
        say(f"{len(failed)} of {len(done)} sources failed: {', '.join(failed)}")
    return not failed
