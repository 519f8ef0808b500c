"""Invented posts about the twelve candidates of 2022: nobody wrote them, nobody is quoted.

Texts are drawn from our own sentences in French, English and Arabic; they judge the weather of a
campaign, never a person's acts. Accounts are numbers.
"""

import random
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CANDIDATES: Final = (
    "Arthaud", "Dupont-Aignan", "Hidalgo", "Jadot", "Lassalle", "Le Pen", "Macron", "Mélenchon",
    "Pécresse", "Poutou", "Roussel", "Zemmour",
)  # fmt: skip
ACCOUNTS: Final = 160
_TOWNS: Final = ("Brest", "Lille", "Nîmes", "Besançon", "Saint-Étienne", "Pau", "Mulhouse")
_FRENCH: Final = (
    "Réunion publique de {name} à {town} ce soir, la salle se remplit {emoji}",
    "Qui a écouté {name} à la radio ce matin ? J'ai trouvé ça {good} {emoji}",
    "Programme de {name} : j'en suis à la page 12, c'est {bad} pour l'instant…",
    "Encore une affiche de {name} décollée par la pluie à {town} {emoji}",
    "Débat entre voisins : {name}, oui ou non ? Chez nous c'est {good}, à côté c'est {bad}.",
    "L'hôpital, l'école, le climat : j'attends des chiffres de {name}.",
    "Franchement {bad}, la soirée sur {name}. On a coupé avant la fin.",
    "Très {good}, l'entretien avec {name} ; même mon père a posé son téléphone {emoji}",
)
_ENGLISH: Final = (
    "Following the French vote from abroad: {name} was {good_en} tonight {emoji}",
    "Can somebody explain the plan of {name} in one sentence? So far it is {bad_en}.",
)
_ARABIC: Final = (
    "تابعت خطاب {name} الليلة {emoji}",
    "ما رأيكم في برنامج {name} ؟ أراه {good_ar}",
)
_WORDS: Final = {
    "good": ("convaincant", "clair", "passionnant", "rassurant"),
    "bad": ("décevant", "confus", "ennuyeux", "inquiétant"),
    "good_en": ("convincing", "clear", "inspiring"),
    "bad_en": ("disappointing", "confusing", "boring"),
    "good_ar": ("جيدا", "واضحا", "مقنعا"),
    "emoji": ("🗳️", "👏", "😴", "🌧️", "🇫🇷", "👩‍🏫", ""),
}


@dataclass(frozen=True, slots=True)
class DemoPost:
    """One post of the invented world."""

    number: int
    candidate: str
    text: str
    """Mentions are written ``@compte_12``; each site writes them in its own way."""
    lang: str
    account: int
    written: datetime
    likes: int
    reposts: int
    replies: int
    answers: int | None
    """Number of the post it answers; that one may be gone."""
    repeats: int | None
    """Number of the post it repeats: then `text` is that one's."""

    @property
    def search(self) -> str:
        """The words of the post, lower case, without accents."""
        return folded(self.text)


def folded(text: str) -> str:
    """Return *text* in lower case, without accents."""
    bare = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in bare if not unicodedata.combining(char))


def hashtag(candidate: str) -> str:
    """Return a candidate's hashtag: ``LePen``."""
    return candidate.replace(" ", "").replace("-", "")


def post_of(seed: int, number: int, now: datetime, born: int) -> DemoPost:
    """Return post *number*; *now* is the time of the visit that first shows it.

    Args:
        born: That visit. A post of a later one is less than a day old.
    """
    draw = random.Random(f"{seed} post {number}")
    candidate = draw.choice(CANDIDATES)
    lang, texts = draw.choices((("fr", _FRENCH), ("en", _ENGLISH), ("ar", _ARABIC)), (8, 2, 1))[0]
    words = {name: draw.choice(choices) for name, choices in _WORDS.items()}
    text = draw.choice(texts).format(name=candidate, town=draw.choice(_TOWNS), **words).strip()
    if draw.random() < 0.5:
        text += f" #{hashtag(candidate)}" + (" #Présidentielle2022" if lang == "fr" else "")
    if draw.random() < 0.25:
        text = f"@compte_{draw.randrange(ACCOUNTS)} {text}"
    if draw.random() < 0.2:
        text += f" https://journal.example/{number}"
    hours = 24.0 if born else 24.0 * 6
    answered = draw.random() < 0.2
    likes = int(draw.paretovariate(0.9)) - 1
    return DemoPost(
        number=number, candidate=candidate, text=text, lang=lang,
        account=draw.randrange(ACCOUNTS), written=now - timedelta(hours=hours * draw.random() ** 2),
        likes=min(likes, 90_000), reposts=min(likes // 4, 20_000), replies=draw.randrange(4),
        answers=draw.randrange(number) if answered and number else None, repeats=None,
    )  # fmt: skip


def repost_of(seed: int, number: int, original: DemoPost, now: datetime) -> DemoPost:
    """Return post *number*, which repeats *original*."""
    draw = random.Random(f"{seed} repost {number}")
    written = original.written + (now - original.written) * draw.random()
    return DemoPost(
        number=number, candidate=original.candidate, text=original.text, lang=original.lang,
        account=draw.randrange(ACCOUNTS), written=written, likes=0, reposts=original.reposts,
        replies=0, answers=None, repeats=original.number,
    )  # fmt: skip
