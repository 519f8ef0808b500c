"""Faults that a stand-in site shows on demand."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    # what the page says
    "status", "challenge", "soft_challenge", "login", "empty", "short", "yesterday", "late",
    "endless", "ignores_filter", "layout_changed", "charset",
    # how it is sent
    "slow", "trickle", "stall", "close", "cut_short", "bad_chunks", "garbage", "coded", "bomb",
    "endless_body", "huge",
    # where it sends one
    "redirect", "redirect_loop", "redirect_bomb",
    # what robots.txt says
    "robots", "robots_status",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What goes wrong, and when.

    status: `status` instead of the page, with `retry_after` when it is set. challenge (403),
    soft_challenge (the same with 200), login (200, a form for a name and a password), empty,
    short (a tenth of the list), yesterday, late (nothing newer than three days), endless (page 1
    whatever is asked), ignores_filter (everything whatever is asked), layout_changed, charset
    (the header names another character set than the page's).

    slow: the page comes after `seconds`. trickle: one byte every `seconds`. stall: headers, then
    nothing. close: no answer. cut_short: half of what was announced. bad_chunks, garbage: no HTTP.
    coded: compressed by `coding`. bomb: a few kB that unpack to `size` bytes. endless_body: no end.
    huge: announces `size` bytes. redirect: to `location`. redirect_loop: in circles.
    redirect_bomb: a redirect with a bomb as its body. robots: robots.txt says `text`.
    robots_status: robots.txt answers with `status`.
    """

    kind: Kind
    status: int = 500
    retry_after: str | None = None
    seconds: float = 1.0
    coding: Literal["gzip", "deflate", "br", "zstd"] = "gzip"
    size: int = 32 * 1024 * 1024
    location: str = "/"
    text: str = "User-agent: *\nDisallow: /\n"
    after: int = 0
    """So many pages are answered well first."""
    times: int | None = None
    """Then so many badly; None: all."""
