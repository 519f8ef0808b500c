"""Contract, working time, remote work, experience."""

import pytest

from tests.steps.rows import refine
from vigie.steps.clean.contract import read_contract, read_hours

CONTRACTS = (
    ("CDI", None, "permanent"),
    ("Contrat à durée indéterminée", None, "permanent"),
    ("Contrat à durée déterminée - 6 Mois", None, "fixed_term"),
    ("CDD - 12 Mois", None, "fixed_term"),
    ("Mission intérimaire - 6 Mois", None, "temporary"),
    ("CDI intérimaire", None, "permanent"),
    ("Profession libérale", None, "freelance"),
    ("FULL_TIME", None, None),
    ("Full-time", "Data Engineer", None),
    ("Contract", None, "fixed_term"),
    ("CONTRACTOR", None, "freelance"),
    ("TEMPORARY", None, "temporary"),
    ("INTERN", None, "internship"),
    ("Internship", None, "internship"),
    ("Stage", None, "internship"),
    ("Alternance", None, "apprenticeship"),
    ("Contrat d'apprentissage - CDD", None, "apprenticeship"),
    ("VIE", None, "volunteer"),
    ("Freelance / Indépendant", None, "freelance"),
    ("Contrat Anapec", None, "fixed_term"),
    ("Other", None, "other"),
    ("CDD", "Alternance - Data analyst (H/F)", "apprenticeship"),
    (None, "Stage Data Analyst", "internship"),
    (None, "Data Science Intern", "internship"),
    (None, "Développeur freelance", "freelance"),
    (None, "Stage Manager", None),
    (None, "Internal Audit Manager", None),
    (None, "Ingénieur apprentissage automatique", None),
    (None, "Chargé de recrutement stage et alternance", None),
    ("CDI", "Responsable des stages", "permanent"),
    (None, "Data Engineer", None),
    (None, None, None),
)


@pytest.mark.parametrize(("shown", "title", "contract"), CONTRACTS)
def test_a_contract_is_named(shown: str | None, title: str | None, contract: str | None) -> None:
    """The site's word decides; the title only says internship, apprenticeship, freelance."""
    assert read_contract(shown, title) == (contract,)


HOURS = (
    ("Temps plein", None, "full_time"),
    ("35H\nTravail en journée", None, "full_time"),
    ("37H30\nTravail en journée", None, "full_time"),
    ("temps partiel - 21H Autre", None, "part_time"),
    ("24 h", None, "part_time"),
    ("80 %", None, "part_time"),
    (None, "Full-time", "full_time"),
    (None, "PART_TIME", "part_time"),
    (None, "CDI", None),
    ("Full-time, Part-time", None, None),
    ("Travail en journée", None, None),
    ("دوام كامل", None, "full_time"),
)


@pytest.mark.parametrize(("shown", "contract", "hours"), HOURS)
def test_working_time_is_full_or_part(
    shown: str | None, contract: str | None, hours: str | None
) -> None:
    """35 hours a week and more are full time in France."""
    assert read_hours(shown, contract) == (hours,)


REMOTES = (
    ({"remote_raw": "fulltime"}, "remote"),
    ({"remote_raw": "partial"}, "hybrid"),
    ({"remote_raw": "punctual"}, "hybrid"),
    ({"remote_raw": "no"}, "onsite"),
    ({"remote_raw": "unknown"}, None),
    ({"remote_raw": "1.0"}, "remote"),
    ({"remote_raw": "false"}, None),
    ({"remote_raw": "TELECOMMUTE"}, "remote"),
    ({"remote_raw": "Hybrid"}, "hybrid"),
    ({"remote_raw": "Télétravail partiel"}, "hybrid"),
    ({"title": "Data Engineer (Remote)"}, "remote"),
    ({"title": "Développeur - full remote"}, "remote"),
    ({"title": "Remote Sensing Engineer"}, None),
    ({"title": "Hybrid Cloud Architect"}, None),
    ({"place_raw": "Remote, US"}, "remote"),
    ({"place_raw": "Paris (hybride)"}, "hybrid"),
    ({"text_raw": "Poste avec 2 jours de télétravail par semaine."}, "hybrid"),
    ({"text_raw": "Télétravail : jusqu'à 3 jours"}, "hybrid"),
    ({"text_raw": "TÉLÉTRAVAIL PARTIEL"}, "hybrid"),
    ({"text_raw": "Poste en 100% télétravail."}, "remote"),
    ({"text_raw": "This is a fully remote position."}, "remote"),
    ({"text_raw": "Pas de télétravail possible."}, "onsite"),
    ({"text_raw": "Sorry, no remote."}, "onsite"),
    ({"text_raw": "Télétravail non autorisé sur ce poste"}, "onsite"),
    ({"text_raw": "You will support remote teams on a hybrid cloud."}, None),
    ({"text_raw": "Nothing of the kind."}, None),
)


@pytest.mark.parametrize(("shown", "remote"), REMOTES)
def test_remote_work_is_said_not_guessed(shown: dict[str, str], remote: str | None) -> None:
    """Field, title, place, text, in this order; a no is a no; other uses of a word say nothing."""
    assert refine("job", **shown)["remote"] == remote


EXPERIENCES = (
    ({"experience_raw": "2 An(s)"}, 2.0, None),
    ({"experience_raw": "Expérience exigée de 3 An(s)"}, 3.0, None),
    ({"experience_raw": "12 Mois"}, 1.0, None),
    ({"experience_raw": "6 Mois"}, 0.5, None),
    ({"experience_raw": "Débutant accepté"}, 0.0, "entry"),
    ({"experience_raw": "3 ans minimum"}, 3.0, None),
    ({"experience_raw": "De 2 à 5 ans"}, 2.0, None),
    ({"experience_raw": "5+ years"}, 5.0, None),
    ({"experience_raw": "moins d'un an"}, 0.0, None),
    ({"experience_raw": "Expérience exigée"}, None, None),
    ({"experience_raw": "Mid-Senior level"}, None, "mid_senior"),
    ({"experience_raw": "Entry level"}, None, "entry"),
    ({"experience_raw": "Associate"}, None, "associate"),
    ({"experience_raw": "Director"}, None, "director"),
    ({"experience_raw": "Executive"}, None, "executive"),
    ({"experience_raw": "Internship"}, None, "internship"),
    ({"experience_raw": "Not Applicable"}, None, None),
    ({"title": "Senior Data Engineer"}, None, "mid_senior"),
    ({"title": "Sr. Data Scientist"}, None, "mid_senior"),
    ({"title": "Data analyst junior"}, None, "entry"),
    ({"title": "Directeur des opérations"}, None, "director"),
    ({"title": "Assistante de direction"}, None, None),
    ({"title": "Adjoint au directeur"}, None, None),
    ({"title": "Aide à domicile pour personnes seniors"}, None, None),
    ({"title": "Animateur résidence seniors"}, None, None),
    ({"text_raw": "Vous avez 3 ans d'expérience minimum en Python."}, 3.0, None),
    ({"text_raw": "You have 5+ years of experience with SQL."}, 5.0, None),
    ({"text_raw": "Expérience de 2 ans souhaitée."}, 2.0, None),
    ({"text_raw": "Débutants acceptés."}, 0.0, "entry"),
    ({"text_raw": "Fort de 20 ans d'expérience, notre groupe recrute."}, None, None),
    ({"text_raw": "We have 15 years of experience in the industry."}, None, None),
    ({"text_raw": "Une expérience réussie."}, None, None),
)  # fmt: skip


@pytest.mark.parametrize(("shown", "years", "level"), EXPERIENCES)
def test_experience_is_the_candidate_s(
    shown: dict[str, str], years: float | None, level: str | None
) -> None:
    """Least years and level asked; a company's age and the people it serves are neither."""
    row = refine("job", **shown)

    assert (row["experience_min_years"], row["experience_level"]) == (years, level)
