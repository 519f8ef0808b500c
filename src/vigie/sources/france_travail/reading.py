"""Reading one offer: the API's fields in the model's names, as they are shown."""

from collections.abc import Iterable
from typing import Any, Final

from vigie.errors import RecordError
from vigie.model.listing import Listing, Shown

DETAIL: Final = "https://candidat.francetravail.fr/offres/recherche/detail/"

_ASKED: Final = {"D": "débutant accepté", "S": "expérience souhaitée", "E": "expérience exigée"}
_USUAL: Final = "Contrat travail"
"""The nature of an ordinary contract says nothing beside its type."""


def listing_of(offer: Any) -> Listing:
    """Return *offer* as a listing, read in full.

    Raises:
        RecordError: ``not_an_offer``, ``no_id`` or ``no_title``.
    """
    if not isinstance(offer, dict):
        raise RecordError("not_an_offer", type(offer).__name__)
    native_id = _text(offer, "id")
    if native_id is None:
        raise RecordError("no_id")
    title = _text(offer, "intitule")
    if title is None:
        raise RecordError("no_title", native_id)
    return Listing(
        kind="job",
        native_id=native_id,
        reading="full",
        layer="api",
        values={
            "url": DETAIL + native_id,
            "title": title,
            "text_raw": _text(offer, "description"),
            "posted_raw": _text(offer, "dateCreation"),
            "updated_raw": _text(offer, "dateActualisation"),
            **_place(_part(offer, "lieuTravail")),
            "company": _text(_part(offer, "entreprise"), "nom"),
            "company_text": _text(_part(offer, "entreprise"), "description"),
            "contract_raw": _contract(offer),
            "hours_raw": _text(offer, "dureeTravailLibelleConverti")
            or _text(offer, "dureeTravailLibelle"),
            "experience_raw": _experience(offer),
            "pay_raw": _pay(_part(offer, "salaire")),
            "skills_raw": _labels(offer, "competences", "libelle") or None,
            "education_raw": _joined(_labels(offer, "formations", "niveauLibelle")),
            "occupation_raw": _text(offer, "romeLibelle") or _text(offer, "appellationlibelle"),
            "occupation_rome": _text(offer, "romeCode"),
            "industry_raw": _text(offer, "secteurActiviteLibelle"),
            "apply_url": _text(_part(offer, "origineOffre"), "urlOrigine"),
            "openings": _whole(offer.get("nombrePostes")),
        },
    )


def _place(place: dict[str, Any]) -> dict[str, Shown]:
    return {
        "place_raw": _text(place, "libelle"),
        "place_code_raw": _text(place, "commune"),
        "postal_raw": _text(place, "codePostal"),
        "lat_raw": _text(place, "latitude"),
        "lon_raw": _text(place, "longitude"),
    }


def _contract(offer: dict[str, Any]) -> str | None:
    """Return type and nature of the contract: ``CDD - 12 Mois (Cont. professionnalisation)``."""
    kind = _text(offer, "typeContratLibelle") or _text(offer, "typeContrat")
    nature = _text(offer, "natureContrat")
    if nature == _USUAL:
        nature = None
    if nature is None and offer.get("alternance") is True:
        nature = "alternance"
    return f"{kind} ({nature})" if kind and nature else kind or nature


def _experience(offer: dict[str, Any]) -> str | None:
    """Return the experience and how much it is asked for: ``1 An(s), expérience souhaitée``."""
    shown = _text(offer, "experienceLibelle")
    asked = _ASKED.get(_text(offer, "experienceExige") or "")
    if shown and asked and asked not in shown.lower():
        return f"{shown}, {asked}"
    return shown or asked


def _pay(pay: dict[str, Any]) -> str | None:
    """Return all that is said of pay, the amount first."""
    parts = ("libelle", "commentaire", "complement1", "complement2")
    return _joined(part for name in parts if (part := _text(pay, name)))


def _labels(offer: dict[str, Any], name: str, label: str) -> list[str]:
    parts = offer.get(name)
    if not isinstance(parts, list):
        return []
    found = (_text(part, label) for part in parts if isinstance(part, dict))
    return list(dict.fromkeys(text for text in found if text))


def _joined(texts: Iterable[str]) -> str | None:
    return "; ".join(texts) or None


def _part(offer: dict[str, Any], name: str) -> dict[str, Any]:
    part = offer.get(name)
    return part if isinstance(part, dict) else {}


def _text(part: dict[str, Any], name: str) -> str | None:
    """Return a text or number as text; None when it is absent or blank."""
    value = part.get(name)
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(value)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
