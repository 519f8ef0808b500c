"""The one Scrapy spider: it opens an engine whose downloader the collectors use, and closes it.

Scrapy connects, keeps connections, speaks TLS and to proxies, and bounds time and decompressed
size. Which pages are asked, when, and what an answer means is decided in `visit` and `fetch`: so
Scrapy's own retries, redirects, robots.txt, cookies and consoles are off.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import Settings

from vigie.collect.guard import Guard
from vigie.collect.job import Options

Download = Callable[[Request], Awaitable[Response]]
Work = Callable[[Download, Guard], Awaitable[None]]

_ONE_ENGINE: Final = asyncio.Lock()
"""The guard is the reactor's, and there is one reactor."""

ACCEPTED_LANGUAGES: Final = "fr,en;q=0.8,ar;q=0.6"


class Lookout(Spider):
    """Hands the engine's downloader to *work* and is done when *work* is."""

    name = "vigie"

    def __init__(self, work: Callable[[Download], Awaitable[None]]) -> None:
        super().__init__()
        self._work = work

    async def start(self) -> AsyncIterator[Any]:
        """Do the work; yield nothing, since pages go from the work to the spool."""
        await self._work(self.crawler.engine.download_async)
        nothings: tuple[Any, ...] = ()
        for nothing in nothings:
            yield nothing


async def crawl(work: Work, options: Options) -> None:
    """Run *work* on an engine of its own, behind a guard that it is given too.

    Must run on the reactor's loop. *work* handles its own errors.
    """
    # A collection that was broken off may still be ending: two guards at a time would take each
    # other's place, and one of them would stay.
    async with _ONE_ENGINE:
        await _crawl(work, options)


async def _crawl(work: Work, options: Options) -> None:
    from twisted.internet import reactor as installed

    reactor: Any = installed  # the module has been replaced by the reactor
    proxy = _proxy_name(options.proxy)
    guard = Guard(reactor.nameResolver, options.allow_hosts, proxy)
    before = reactor.installNameResolver(guard)

    async def guarded(download: Download) -> None:
        await work(download, guard)

    try:
        await Crawler(Lookout, _settings(options)).crawl_async(guarded)
    finally:
        reactor.installNameResolver(before)


def _proxy_name(proxy: str | None) -> frozenset[str]:
    from urllib.parse import urlsplit

    if not proxy:
        return frozenset()
    name = urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname
    return frozenset({name} if name else ())


def _settings(options: Options) -> Settings:
    return Settings({
        "USER_AGENT": options.user_agent,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/json;q=0.9,*/*;q=0.8",
            "Accept-Language": ACCEPTED_LANGUAGES,
        },
        "DOWNLOAD_TIMEOUT": options.timeout_seconds,
        "DOWNLOAD_MAXSIZE": options.body_limit_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        # Anything that listens, remembers or decides beside us.
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPCACHE_ENABLED": False,
        "MEMUSAGE_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "LOGSTATS_INTERVAL": 0,
        "STATS_DUMP": False,
    })  # fmt: skip
