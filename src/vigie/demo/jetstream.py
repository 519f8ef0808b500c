"""A stand-in for Jetstream, Bluesky's stream: a WebSocket that tells of the world's posts.

It tells of every post as if it were written now, likes and deletions between them; looks back so
far and no further, in silence; and can break on demand. An optional part: it needs `websockets`.
"""

import json
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from vigie.demo.posts import DemoPost
from vigie.demo.sites.bluesky import COLLECTION, did, record, rkey

ORIGIN: Final = "wss://jetstream2.us-east.bsky.network"
LOOK_BACK: Final = timedelta(hours=36)
BETWEEN: Final = timedelta(milliseconds=40)
"""From one event to the next."""


def events_of(posts: Sequence[DemoPost], deleted: Sequence[DemoPost], end: datetime) -> list[bytes]:
    """Return the stream's messages, oldest first; the newest at *end*.

    A like follows every third post. The deletions come last, then an account that is gone.
    """
    told: list[tuple[int, dict[str, Any]]] = []
    for post in reversed(posts):
        if post.repeats is None:
            told.append((post.account, _commit("create", rkey(post), record(post))))
        if post.number % 3 == 0:
            like = {"$type": "app.bsky.feed.like", "createdAt": "2026-11-20T00:00:00Z"}
            told.append((post.account, _commit("create", "3l1", like, "app.bsky.feed.like")))
    told += [(post.account, _commit("delete", rkey(post))) for post in deleted]
    first = end - BETWEEN * len(told)
    return [
        json.dumps(
            {"did": did(account), "time_us": _time_us(first + BETWEEN * (place + 1)),
             "kind": "commit", "commit": commit},
            ensure_ascii=False,
        ).encode()
        for place, (account, commit) in enumerate(told)
    ]  # fmt: skip


def _commit(
    operation: str, key: str, told: dict[str, Any] | None = None, collection: str = COLLECTION
) -> dict[str, Any]:
    commit: dict[str, Any] = {
        "rev": "3demo", "operation": operation, "collection": collection, "rkey": key,
    }  # fmt: skip
    return commit | ({"record": told, "cid": "bafyreidemo"} if told else {})


def _time_us(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


class JetstreamServer:
    """The stream on a port of loopback. A context manager."""

    def __init__(
        self, messages: Sequence[bytes], *, break_after: int | None = None, breaks: int = 0
    ) -> None:
        """Tell *messages*, then stay silent.

        Args:
            break_after: Break a connection after so many messages, *breaks* times.
        """
        from websockets.sync.server import serve

        self._messages = list(messages)
        self._times = [json.loads(message)["time_us"] for message in messages]
        self._break_after, self._breaks = break_after, breaks
        self.asked: list[str] = []
        """Path and query of every connection so far."""
        self._server = serve(self._tell, "127.0.0.1", 0)
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> "JetstreamServer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def rewrite(self) -> dict[str, str]:
        """Real origin → ours."""
        return {ORIGIN: f"ws://127.0.0.1:{self.port}"}

    @property
    def allow_hosts(self) -> frozenset[str]:
        """``host:port`` of the stream."""
        return frozenset({f"127.0.0.1:{self.port}"})

    def close(self) -> None:
        """Stop serving; every connection is closed."""
        self._server.shutdown()
        self._thread.join(timeout=5)

    def _tell(self, connection: Any) -> None:
        from websockets.exceptions import ConnectionClosed

        path = connection.request.path
        self.asked.append(path)
        asked = parse_qs(urlsplit(path).query)
        if urlsplit(path).path != "/subscribe":
            connection.close(1008, "no such path")
            return
        wanted = set(asked.get("wantedCollections", ()))
        cursor = int(asked.get("cursor", [str(self._times[0])])[0]) if self._times else 0
        oldest = (self._times[-1] if self._times else 0) - LOOK_BACK // timedelta(microseconds=1)
        sent = 0
        try:
            for at, message in zip(self._times, self._messages, strict=True):
                if at < max(cursor, oldest) or not _is_wanted(message, wanted):
                    continue
                connection.send(message.decode())
                sent += 1
                if self._breaks and sent == self._break_after:
                    self._breaks -= 1
                    connection.socket.close()
                    return
            for _ in connection:  # a listener says nothing: this ends with the connection
                continue
        except (ConnectionClosed, OSError):
            return


def _is_wanted(message: bytes, wanted: set[str]) -> bool:
    """Return whether a listener hears it; of accounts everybody does, whatever was asked for."""
    event = json.loads(message)
    return event["kind"] != "commit" or not wanted or event["commit"]["collection"] in wanted
