"""The words of dates in French, English, Arabic and Spanish, folded (`vigie.steps.folding`)."""

import re
from collections.abc import Iterable

# Arabic months in their French-Maghrebi, Egyptian and Levantine names; Moroccan spelling included.
_MONTHS = (
    "janvier janv jan january enero ene يناير جانفي كانون_الثاني",
    "fevrier fevr fev feb february febrero فبراير فيفري شباط",
    "mars mar march marzo مارس اذار",
    "avril avr apr april abril abr ابريل افريل نيسان",
    "mai may mayo ماي مايو ايار",
    "juin jun june junio يونيو يونيه جوان حزيران",
    "juillet juil jul july julio يوليو يوليوز جويليه تموز",
    "aout aou aug august agosto ago اغسطس غشت اوت اب",
    "septembre sept sep september septiembre سبتمبر شتنبر ايلول",
    "octobre oct october octubre اكتوبر تشرين_الاول",
    "novembre nov november noviembre نوفمبر نونبر تشرين_الثاني",
    "decembre dec december diciembre dic ديسمبر دجنبر كانون_الاول",
)
MONTHS = {
    word.replace("_", " "): number
    for number, words in enumerate(_MONTHS, 1)
    for word in words.split()
}

_UNITS = {
    "second": "seconde secondes second seconds sec secs segundo segundos ثانيه ثواني ثوان ثوانى",
    "minute": "minute minutes min mins mn minuto minutos دقيقه دقائق دقايق دقيقتين",
    "hour": "heure heures hour hours hr hrs h hora horas ساعه ساعات ساعتين",
    "day": "jour jours day days j d dia dias يوم ايام يومين يوما",
    "week": "semaine semaines sem week weeks wk wks w semana semanas اسبوع اسابيع اسبوعين اسبوعا",
    "month": "mois month months mo mos mes meses شهر اشهر شهور شهرين شهرا",
    "year": "an ans annee annees year years yr yrs y ano anos سنه سنوات سنتين عام اعوام عامين",
}
UNITS = {word: unit for unit, words in _UNITS.items() for word in words.split()}
# The dual says two by itself.
DUALS = frozenset(["دقيقتين", "ساعتين", "يومين", "اسبوعين", "شهرين", "سنتين", "عامين"])

# Days before the day of reading.
DAYS = {
    "aujourd'hui": 0, "aujourdhui": 0, "aujourd hui": 0, "ce jour": 0, "today": 0, "hoy": 0,
    "اليوم": 0, "hier": 1, "yesterday": 1, "ayer": 1, "امس": 1, "البارحه": 1, "avant-hier": 2,
    "avant hier": 2, "the day before yesterday": 2, "day before yesterday": 2, "anteayer": 2,
    "apres-demain": -2, "the day after tomorrow": -2, "day after tomorrow": -2,
    "اول امس": 2, "demain": -1, "tomorrow": -1, "غدا": -1,
}  # fmt: skip

NOW = (
    "just posted", "just now", "a l'instant", "a l instant", "maintenant", "just listed",
    "right now", "now", "il y a quelques instants", "il y a quelques secondes", "moments ago",
    "ahora mismo",
    "الان", "منذ لحظات",
)  # fmt: skip

NUMBERS = {
    "un": 1, "une": 1, "a": 1, "an": 1, "one": 1, "deux": 2, "two": 2, "trois": 3, "three": 3,
    "quatre": 4, "four": 4, "cinq": 5, "five": 5, "six": 6, "sept": 7, "seven": 7, "huit": 8,
    "eight": 8, "neuf": 9, "nine": 9, "dix": 10, "ten": 10, "eleven": 11, "twelve": 12, "onze": 11,
    "douze": 12, "quinze": 15, "fifteen": 15, "vingt": 20, "twenty": 20, "trente": 30, "thirty": 30,
}  # fmt: skip

# A visit, an answer or an application is not a publication: Indeed's "Active 3 days ago".
NOT_PUBLISHED = ("active ", "actif ", "active il y a", "vu il y a", "visited", "consultee il y a")


def either(words: Iterable[str]) -> str:
    """Return a pattern that finds any of *words*, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
