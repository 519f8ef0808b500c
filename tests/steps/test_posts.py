"""The words of posts whose handles were blanked before they were stored."""

from vigie.steps.clean.post_words import read_post


def test_a_mark_counts_as_one_mention() -> None:
    """Every handle's mark is one mention, leaves no trace in the plain text, and is no hashtag."""
    text = "@[…] bonjour @[…], à ce soir #Débat 🎉 https://a.example/@[…] […]"

    plain, hashtags, mentions = read_post(text)

    assert mentions == 2
    assert hashtags == ["débat"]
    assert plain == "bonjour , à ce soir Débat […]"


def test_accents_arabic_and_emoji_survive_in_the_text() -> None:
    """Only links, mentions and symbols go; letters of every script stay."""
    plain, hashtags, mentions = read_post("صوتوا غدا 🗳️ #فرنسا @[…] l'été, c'est où ?")

    assert plain == "صوتوا غدا فرنسا l'été, c'est où ?"
    assert hashtags == ["فرنسا"]
    assert mentions == 1
