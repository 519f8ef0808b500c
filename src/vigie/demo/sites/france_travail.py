"""A stand-in for the API of France Travail: token, search in ranges, its limits and statuses."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from vigie.demo.contents import Contents
from vigie.demo.jobs import Job, folded
from vigie.demo.site import NOT_FOUND, Ask, Page

SEARCH: Final = "/partenaire/offresdemploi/v2/offres/search"
TOKEN: Final = "/connexion/oauth2/access_token"  # noqa: S105 - a path
WIDEST: Final = 150
LAST_START, LAST_END = 3000, 3149
_JSON: Final = "application/json;charset=UTF-8"
_DATES: Final = ("minCreationDate", "maxCreationDate")
_REGIONS: Final = {
    "11": ("75", "77", "78", "91", "92", "93", "94", "95"), "84": ("69", "38", "63", "74", "26"),
}  # fmt: skip


class FranceTravailSite:
    """The API and its login, on one port."""

    name = "france_travail"
    origins: tuple[str, ...] = (
        "https://api.francetravail.io",
        "https://entreprise.francetravail.fr",
        "https://candidat.francetravail.fr",
    )
    robots = "User-agent: *\nDisallow: /connexion/\n"
    anchor = b'"resultats"'

    def answer(self, ask: Ask, contents: Contents) -> Page:
        """Answer a login, a search, or the question for one offer."""
        if ask.path == TOKEN:
            return _token(ask)
        if not ask.path.startswith("/partenaire/"):
            return NOT_FOUND
        if not ask.headers.get("authorization", "").startswith("Bearer demo-"):
            return _told(401, {"message": "Le jeton est absent ou a expiré"})
        if ask.path == SEARCH:
            return _search(ask, contents)
        return NOT_FOUND

    def first_page(self, ask: Ask) -> Ask:
        """Return the question for the first range."""
        return ask._replace(query={**ask.query, "range": f"0-{WIDEST - 1}"})


def _token(ask: Ask) -> Page:
    form = {key: values[0] for key, values in parse_qs(ask.body.decode()).items()}
    wanted = ("client_credentials", "api_offresdemploiv2 o2dsoffre")
    if ask.method != "POST" or (form.get("grant_type"), form.get("scope")) != wanted:
        return _told(400, {"error": "invalid_request"})
    if not form.get("client_id") or not form.get("client_secret"):
        return _told(401, {"error": "invalid_client"})
    name = hashlib.blake2b(form["client_id"].encode(), digest_size=8).hexdigest()
    return _told(200, {
        "access_token": f"demo-{name}", "token_type": "Bearer", "expires_in": 1499,
        "scope": form["scope"],
    })  # fmt: skip


def _search(ask: Ask, contents: Contents) -> Page:
    try:
        first, last = (int(part) for part in ask.query.get("range", "0-149").split("-"))
        low, high = (_instant(ask.query.get(name)) for name in _DATES)
    except ValueError:
        return _told(400, {"message": "Format du paramètre incorrect", "code": "30400"})
    if not 0 <= first <= last or last - first >= WIDEST:
        return _told(400, {"message": "La plage de résultats demandée est trop importante."})
    if first > LAST_START or last > LAST_END:
        return _told(400, {"message": "La position de début doit être inférieure ou égale à 3000."})
    found = [job for job in contents.jobs if _asked_for(job, ask, contents.today, (low, high))]
    chosen = found[first : last + 1]
    if not chosen:
        return Page(204, headers=(("Content-Range", "offres */0"),))
    end = first + len(chosen) - 1
    held = _offers(contents)
    body = b'{"resultats":[' + b",".join(held[job.id] for job in chosen) + b"]}"
    told = (("Content-Range", f"offres {first}-{end}/{len(found)}"),)
    return Page(200 if first == 0 and end + 1 == len(found) else 206, body, _JSON, told)


def _asked_for(  # noqa: PLR0911 - one line a parameter
    job: Job, ask: Ask, today: datetime, window: tuple[datetime | None, datetime | None]
) -> bool:
    asked = ask.query
    low, high = window
    if (low and job.created < low) or (high and job.created > high):
        return False
    days = asked.get("publieeDepuis", "")
    if days.isdigit() and job.created < today - timedelta(days=int(days)):
        return False
    city = job.city
    if (places := asked.get("departement")) and (not city or city.dep not in places.split(",")):
        return False
    if (places := asked.get("commune")) and (not city or city.insee not in places.split(",")):
        return False
    if (place := asked.get("region")) and (not city or city.dep not in _REGIONS.get(place, ())):
        return False
    if (kinds := asked.get("typeContrat")) and job.contract[0] not in kinds.split(","):
        return False
    if (codes := asked.get("codeROME")) and job.trade.rome not in codes.split(","):
        return False
    expressions = (folded(part).split() for part in asked.get("motsCles", "").split(","))
    return all(word in job.search for words in expressions for word in words)


def _instant(text: str | None) -> datetime | None:
    """Return the instant of a parameter; *ValueError* when it is none."""
    if not text:
        return None
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@lru_cache(maxsize=3)
def _offers(contents: Contents) -> dict[str, bytes]:
    """Return every offer as the JSON of the API, by its id."""
    encode = msgspec.json.Encoder().encode
    return {job.id: encode(_offer(job)) for job in contents.jobs}


def _offer(job: Job) -> dict[str, Any]:
    kind, label, nature = job.contract
    company: dict[str, Any] = {"entrepriseAdaptee": False}
    if job.company:
        company = {
            "nom": job.company,
            "description": f"{job.company}, {job.sector.lower()}.",
        } | company
    offer: dict[str, Any] = {
        "id": job.id, "intitule": job.title, "description": job.text,
        "dateCreation": _stamp(job.created), "dateActualisation": _stamp(job.updated),
        "lieuTravail": _place(job), "romeCode": job.trade.rome, "romeLibelle": job.trade.label,
        "appellationlibelle": job.trade.label, "entreprise": company, "typeContrat": kind,
        "typeContratLibelle": label, "natureContrat": nature, "experienceExige": job.experience[0],
        "experienceLibelle": job.experience[1], "salaire": job.pay,
        "dureeTravailLibelle": job.hours,
        "dureeTravailLibelleConverti": "Temps partiel" if job.hours[0] in "2T" else "Temps plein",
        "alternance": nature != "Contrat travail" and kind == "CDD",
        "nombrePostes": job.openings, "accessibleTH": False, "secteurActiviteLibelle": job.sector,
        "contact": {"nom": job.recruiter, "telephone": job.phone,
                    "courriel": f"recrutement-{job.number}@exemple.invalid"},
        "agence": {"courriel": f"agence-{job.number % 60}@exemple.invalid"},
        "origineOffre": {
            "origine": "2" if job.partner else "1",
            "urlOrigine": f"https://candidat.francetravail.fr/offres/recherche/detail/{job.id}",
        },
    }  # fmt: skip
    if job.number % 3:
        offer["competences"] = [
            {"code": str(100_000 + place), "libelle": skill, "exigence": "S"}
            for place, skill in enumerate(job.skills)
        ]
    if job.partner:
        offer["origineOffre"]["partenaires"] = [{"nom": job.partner}]
    return offer


def _place(job: Job) -> dict[str, Any]:
    city = job.city
    if city is None:
        return {"libelle": "France"}
    arrondissement = city.insee.startswith(("751", "6938", "132"))
    number = (
        f" {int(city.insee[-2:]) - (80 if city.dep == '69' else 0):02d}" if arrondissement else ""
    )
    place: dict[str, Any] = {
        "libelle": f"{city.dep} - {city.name.upper()}{number}", "codePostal": city.postal,
        "commune": city.insee,
    }  # fmt: skip
    if job.precise:
        place |= {"latitude": city.lat, "longitude": city.lon}
    return place


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _told(status: int, words: dict[str, Any]) -> Page:
    return Page(status, msgspec.json.encode(words), _JSON)


STAND_IN = FranceTravailSite
