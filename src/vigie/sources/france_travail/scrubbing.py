"""What is blanked in an offer: its contact, its agency, and phones and addresses in its texts.

Contacts and agencies go whole: they hold recruiters' names, phones and mailboxes.
"""

from typing import Final

from vigie.model.capture import Capture
from vigie.sources.blanking import Blanking

BLANKING: Final = Blanking(
    revision="2",
    people=frozenset({"contact", "agence"}),
    texts=frozenset({"description", "intitule", "commentaire", "conditionExercice"}),
)


def scrubbed(page: Capture) -> Capture:
    """Return *page* blanked, with how many places in the note ``scrubbed``; twice is as once."""
    return BLANKING.json(page)
