"""Which topics hold captures, and of which sources: by their names alone."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from vigie.errors import ConfigError

_SOURCE: Final = "{source}"
_LEAST_LETTERS: Final = 4


class TopicNames:
    """The names of all captures' topics, as the settings say."""

    def __init__(self, topic: str, topics: Mapping[str, str]) -> None:
        """Know the names.

        Args:
            topic: Topic of a source without one in *topics*; `{source}` stands for its name.

        Raises:
            ConfigError: *topic* could be the name of anybody's topic, to be read and pruned.
        """
        self._topic, self._topics = topic, dict(topics)
        around = sum(letter.isalnum() for letter in topic.replace(_SOURCE, ""))
        if _SOURCE in topic and around < _LEAST_LETTERS:
            raise ConfigError(
                f"kafka.topic = {topic!r}: topics of others could be called so. Put at least "
                f'{_LEAST_LETTERS} letters around {_SOURCE}, such as "vigie-captures-{_SOURCE}"'
            )

    def of(self, source: str) -> str:
        """Return the topic of a source's captures."""
        return self._topics.get(source) or self._usual(source)

    @property
    def pattern(self) -> str:
        """Regular expression that the names of all captures' topics match."""
        usual = re.escape(self._topic).replace(re.escape(_SOURCE), r"(?!__)[A-Za-z0-9_.\-]+")
        return "|".join([usual, *map(re.escape, self._topics.values())])

    def among(self, names: Iterable[str]) -> list[str]:
        """Return those of *names* that are captures' topics, in order."""
        pattern = re.compile(self.pattern)
        return sorted(name for name in names if pattern.fullmatch(name))

    def may_hold(self, topic: str, source: str) -> bool:
        """Return whether captures of *source* belong there, now or before it got another topic."""
        return topic in {self.of(source), self._usual(source)}

    def is_shared(self, topic: str) -> bool:
        """Return whether a topic is that of several sources."""
        return topic == self._topic or list(self._topics.values()).count(topic) > 1

    def source_of(self, topic: str) -> str:
        """Return the source whose captures a topic holds; the topic when it is that of several."""
        if self.is_shared(topic):
            return topic
        named = [source for source, name in self._topics.items() if name == topic]
        before, _, after = self._topic.partition(_SOURCE)
        return named[0] if named else topic.removeprefix(before).removesuffix(after)

    def _usual(self, source: str) -> str:
        return self._topic.replace(_SOURCE, source)
