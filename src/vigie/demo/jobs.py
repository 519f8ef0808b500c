"""Invented job offers."""

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Final

from vigie.demo.places import FRANCE, City
from vigie.demo.trades import (
    BENEFITS,
    CLOSINGS,
    COMPANY_HEADS,
    COMPANY_TAILS,
    EN_BENEFITS,
    EN_OPENINGS,
    EN_PROFILES,
    EN_TASKS,
    OPENINGS,
    PROFILES,
    REMOTE,
    TRADES,
    Trade,
)

PARTNERS: Final = ("EMPLOIVILLE", "JOBRIVAGE", "CARRIERENEUVE", "OFFRALYS")
"""Invented boards that hand their offers on."""

CONTRACTS: Final = (
    ("CDI", "Contrat à durée indéterminée", "Contrat travail", 62),
    ("CDD", "Contrat à durée déterminée - {months} Mois", "Contrat travail", 14),
    ("MIS", "Mission intérimaire - {months} Mois", "Contrat travail", 10),
    ("CDD", "Contrat à durée déterminée - 12 Mois", "Contrat apprentissage", 5),
    ("CDD", "Contrat à durée déterminée - 24 Mois", "Cont. professionnalisation", 3),
    ("LIB", "Profession libérale", "Emploi non salarié", 2),
    ("SAI", "Contrat travail saisonnier - {months} Mois", "Contrat travail", 4),
)
_EXPERIENCES: Final = (
    ("D", "Débutant accepté", "une première expérience ou aucune", "no experience yet", 0, 22),
    ("E", "1 An(s)", "une année d'expérience", "one year of experience", 1, 14),
    ("S", "2 An(s)", "deux ans d'expérience", "two years of experience", 2, 20),
    ("E", "3 An(s)", "trois ans d'expérience au moins", "at least three years", 3, 20),
    ("E", "5 An(s)", "cinq ans d'expérience", "five years of experience", 5, 16),
    ("E", "10 An(s)", "plus de dix ans de métier", "over ten years of experience", 10, 5),
)
_SEASONED: Final = 10
_LETTERS: Final = "BCDFGHJKLMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Job:
    """One offer of the invented world."""

    number: int
    id: str
    title: str
    english: bool
    trade: Trade
    company: str | None
    city: City | None
    """None: only the country is told."""
    precise: bool
    """Whether coordinates are told."""
    contract: tuple[str, str, str]
    """Type, its label, nature."""
    hours: str
    pay: dict[str, str]
    yearly: int
    experience: tuple[str, str]
    """Whether it is asked for (D, S, E), and how much."""
    skills: tuple[str, ...]
    sector: str
    text: str
    created: datetime
    updated: datetime
    partner: str | None
    recruiter: str
    phone: str
    openings: int
    search: str
    """Words that a search looks at, folded."""

    def reposted(self, today: datetime) -> "Job":
        """Return the same offer as another board publishes it: other number, nearly the same."""
        later = timedelta(hours=5 + self.number % 40)
        partner = PARTNERS[(self.number + 1) % len(PARTNERS)]
        suffix = "" if "H/F" in self.title else " H/F"
        return replace(
            self,
            number=self.number + 500_000,
            id=_id(self.number + 500_000),
            title=f"{self.title}{suffix}",
            partner=partner,
            created=min(today, self.created + later),
            updated=min(today, self.updated + later),
            text=f"{self.text}\n\nRéférence : {self.number}-B",
        )


@lru_cache(maxsize=20_000)  # what is there at one visit is there at the next
def job_of(seed: int, number: int, now: datetime, born: int) -> Job:
    """Return offer *number*; *now* is the time of the visit that first shows it.

    Args:
        born: That visit. An offer of a later one is less than a day old.
    """
    draw = random.Random(f"{seed} job {number}")
    trade = draw.choices(TRADES, _weights())[0]
    english = bool(trade.english) and draw.random() < 0.16
    title = draw.choice(trade.english if english else trade.titles)
    both = "" if english or draw.random() < 0.3 else draw.choice((" H/F", " (H/F)", " F/H"))
    city = None if draw.random() < 0.07 else draw.choices(FRANCE, _city_weights())[0]
    company = f"{draw.choice(COMPANY_HEADS)} {draw.choice(COMPANY_TAILS)}"
    asked, told, french, in_english, years, _ = draw.choices(
        _EXPERIENCES, [row[5] for row in _EXPERIENCES]
    )[0]
    kind, label, nature, _ = draw.choices(CONTRACTS, [row[3] for row in CONTRACTS])[0]
    low, high = trade.pay
    yearly = (
        round((low + (high - low) * min(1.0, years / _SEASONED) * draw.uniform(0.8, 1.1)) / 500)
        * 500
    )
    skills = tuple(draw.sample(trade.skills, min(len(trade.skills), draw.randint(2, 5))))
    words = {
        "company": company, "title": title,
        "city": city.name if city else "votre région", "team": draw.randint(4, 60),
        "years": draw.randint(3, 80), "sector": draw.choice(trade.sectors).lower(),
        "experience": in_english if english else french, "skills": _listed(skills, english),
    }  # fmt: skip
    phone = f"06 39 98 {draw.randint(10, 99)} {draw.randint(10, 99)}"
    text = _english(draw, words) if english else _french(draw, trade, words)
    if draw.random() < 0.12:
        text += f"\n\nRenseignements au {phone}."
    hours_ago = draw.uniform(0.2, 23) if born else min(draw.expovariate(1 / 190), 29 * 24) + 0.3
    created = (now - timedelta(hours=hours_ago)).replace(microsecond=0)
    return Job(
        number=number, id=_id(number), title=f"{title}{both}", english=english, trade=trade,
        company=company if draw.random() < 0.72 else None, city=city,
        precise=draw.random() < 0.85,
        contract=(kind, label.format(months=draw.choice((1, 2, 3, 6, 9, 12))), nature),
        hours=draw.choices(
            ("35H\nTravail en journée", "39H\nTravail en journée", "35H\nHoraires décalés",
             "24H\nTravail le samedi", "Temps partiel - 17H30/semaine"), (50, 20, 14, 8, 8))[0],
        pay=_pay(draw, yearly), yearly=yearly, experience=(asked, told), skills=skills,
        sector=draw.choice(trade.sectors), text=text, created=created,
        updated=created + timedelta(minutes=draw.choice((0, 0, 0, 45, 600))),
        partner=draw.choice(PARTNERS) if draw.random() < 0.6 else None,
        recruiter=f"Camille Fictif-{number % 97}", phone=phone,
        openings=draw.choices((1, 2, 3, 10), (85, 9, 4, 2))[0],
        search=folded(f"{title} {trade.label} {trade.rome} {' '.join(skills)}"),
    )  # fmt: skip


def paid(job: Job, raises: int, today: datetime) -> Job:
    """Return *job* with its pay raised *raises* times; no offer is dated after *today*."""
    if not raises or not job.pay.get("libelle"):
        return job
    yearly = job.yearly + 1500 * raises
    pay = {"libelle": f"Annuel de {yearly},00 Euros à {yearly + 5000},00 Euros sur 12 mois"}
    return replace(job, yearly=yearly, pay=pay, updated=min(today, job.updated + timedelta(days=1)))


def folded(text: str) -> str:
    """Return *text* in lower case without accents."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def _french(draw: random.Random, trade: Trade, words: dict[str, object]) -> str:
    tasks = draw.sample(trade.tasks, min(len(trade.tasks), draw.randint(3, 5)))
    paragraphs = [draw.choice(OPENINGS).format(**words)]
    if draw.random() < 0.5:
        paragraphs.append("Vos missions :\n" + "\n".join(f"- {task}" for task in tasks))
    else:
        paragraphs.append(f"Au quotidien, il s'agira de {', '.join(tasks[:-1])} et de {tasks[-1]}.")
    paragraphs.append(draw.choice(PROFILES).format(**words))
    if draw.random() < 0.4:
        paragraphs.append(draw.choice(REMOTE)[1])
    paragraphs.append(" ".join(draw.sample(BENEFITS, draw.randint(2, 4))))
    paragraphs.append(draw.choice(CLOSINGS))
    return "\n\n".join(paragraphs)


def _english(draw: random.Random, words: dict[str, object]) -> str:
    tasks = draw.sample(EN_TASKS, draw.randint(3, 5))
    return "\n\n".join((
        draw.choice(EN_OPENINGS).format(**words),
        "What you will do:\n" + "\n".join(f"- {task}" for task in tasks),
        draw.choice(EN_PROFILES).format(**words),
        " ".join(draw.sample(EN_BENEFITS, draw.randint(2, 3))),
    ))  # fmt: skip


def _pay(draw: random.Random, yearly: int) -> dict[str, str]:  # noqa: PLR0911 - one line a shape
    """Return what is shown of pay, in the shapes that the API was seen to give."""
    top = yearly + draw.choice((2000, 5000, 8000))
    month = yearly / 12
    shape = draw.random()
    if shape < 0.5:
        return {}
    if shape < 0.6:
        return {"libelle": f"Annuel de {yearly},00 Euros à {top},00 Euros"}
    if shape < 0.68:
        return {"libelle": f"Annuel de {yearly}.0 Euros à {top}.0 Euros sur 12.0 mois"}
    if shape < 0.78:
        text = f"Mensuel de {month:.2f} Euros à {month + 250:.2f} Euros sur 12 mois"
        return {"libelle": text.replace(".", ",")}
    if shape < 0.84:
        return {"libelle": f"Mensuel de {month:.2f} Euros sur 13 mois".replace(".", ","),
                "complement1": "Primes", "complement2": "Titres restaurant"}  # fmt: skip
    if shape < 0.91:
        return {"libelle": f"Horaire de {yearly / 1820:.2f} Euros".replace(".", ",")}
    return {"commentaire": draw.choice((
        f"{yearly // 1000}-{top // 1000} k€ selon profil", "Selon expérience", "À négocier",
        f"{yearly // 1000}K€ brut annuel + variable", "Rémunération selon convention collective",
    ))}  # fmt: skip


def _listed(skills: tuple[str, ...], english: bool) -> str:
    return f"{', '.join(skills[:-1])} {'and' if english else 'et'} {skills[-1]}"


def _id(number: int) -> str:
    """Return an id of the form that the API gives: three digits, four letters."""
    letters = ""
    for _ in range(4):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return f"{190 + number % 10}{letters}"


@cache
def _weights() -> tuple[int, ...]:
    return tuple(trade.weight for trade in TRADES)


@cache
def _city_weights() -> tuple[int, ...]:
    return tuple(city.weight for city in FRANCE)
