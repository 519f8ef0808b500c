"""Titles, descriptions and the words of posts."""

import pytest

from tests.steps.rows import refine
from vigie.model.storable import drop_unstorable
from vigie.steps.clean.characters import mend
from vigie.steps.clean.description import read_description
from vigie.steps.clean.post_words import read_post
from vigie.steps.clean.title import read_title

TITLES = (
    ("  Data   Engineer\n(H/F) ", "Data Engineer (H/F)"),
    ("R&amp;D Engineer", "R&D Engineer"),
    ("R&amp;amp;D", "R&D"),
    ("R&D and Q&A", "R&D and Q&A"),
    ("L&#39;ingénieur", "L'ingénieur"),
    ("<em>Data</em> Analyst", "Data Analyst"),
    ("C <T> developer", "C <T> developer"),
    ("Salaire < 40k", "Salaire < 40k"),
    ("DÃ©veloppeur expÃ©rimentÃ©", "Développeur expérimenté"),
    ("L\u2019Ã©quipe donnÃ©es", "L\u2019équipe données"),
    ("ÂGE D'OR", "ÂGE D'OR"),
    ("Île-de-France, où ça ?", "Île-de-France, où ça ?"),
    ("مهندس بيانات", "مهندس بيانات"),
    ("شقة للبيع ✨ Maârif", "شقة للبيع ✨ Maârif"),
    ("👩‍💻 Dev 🇲🇦", "👩‍💻 Dev 🇲🇦"),
    ("a\x00b", "ab"),
    ("a\ud800b", "ab"),
    ("\u200b ", None),
)


@pytest.mark.parametrize(("shown", "title"), TITLES)
def test_a_title_reads_as_a_person_would_type_it(shown: str, title: str | None) -> None:
    """Entities, mark-up, mojibake and white space are repaired; nothing else changes."""
    assert read_title(shown) == title


DESCRIPTIONS = (
    ("One\nTwo\n\n\n\nThree ", "One\nTwo\n\nThree", None),
    ("a < b and c > d", "a < b and c > d", None),
    ("if x <y and z> 3 then <b and c>", "if x <y and z> 3 then <b and c>", None),
    ("L&#39;offre &eacute;lue", "L'offre élue", None),
    ("see ?a=1&copy=2", "see ?a=1&copy=2", None),
    ("<p>One</p><p>Two</p>", "One\nTwo", "<p>One</p><p>Two</p>"),
    ("<ul><li>a</li><li>b</li></ul>", "a\nb", "<ul><li>a</li><li>b</li></ul>"),
    ("One<br>Two<br/>Three", "One\nTwo\nThree", "One<br>Two<br>Three"),
    ("<div>One <b>bold</b>\n  word</div>", "One bold word", "<div>One <b>bold</b>\n  word</div>"),
    ("First\n<b>Second</b>\nThird", "First\nSecond\nThird", "First<br><b>Second</b><br>Third"),
    ("&lt;p&gt;R&amp;amp;D&lt;/p&gt;", "R&D", "<p>R&amp;D</p>"),
    ("&amp;lt;p&amp;gt;x&amp;lt;/p&amp;gt;", "x", "<p>x</p>"),
    ("<p>a</p><script>alert(1)</script>", "a", "<p>a</p>"),
    ("<p>1 &lt; 2</p>", "1 < 2", "<p>1 &lt; 2</p>"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", None),
    ("<p>dÃ©veloppement</p>", "développement", "<p>développement</p>"),
    ("<p> </p><br>", None, None),
    ("", None, None),
)


@pytest.mark.parametrize(("shown", "text", "safe"), DESCRIPTIONS)
def test_a_description_has_its_text_and_its_markup(
    shown: str, text: str | None, safe: str | None
) -> None:
    """Paragraphs and items are lines of the text; HTML is null when there was none."""
    found = read_description(shown)

    assert found[0] == text
    if safe is not None or text is None or "<t" not in shown:
        assert found[1] == safe


@pytest.mark.parametrize(
    "attack",
    [
        "<p onclick=alert(1)>x</p>",
        "<p>x<img src=x onerror=alert(1)></p>",
        '<a href="javascript:alert(1)">x</a>',
        "<p>x</p><iframe src=//evil.example></iframe>",
        "<svg onload=alert(1)><p>x</p>",
        "<p style='background:url(//evil.example)'>x</p>",
        "<p>x</p><form action=//evil.example><input></form>",
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        "&lt;p&gt;x&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "<p>x</p><!--<img src=x onerror=alert(1)>-->",
    ],
)
def test_safe_html_cannot_act(attack: str) -> None:
    """No script, no handler, no address but http, nothing fetched by itself."""
    safe = (read_description(attack)[1] or "").lower()

    for bad in ("script", "onclick", "onerror", "onload", "src=", "style", "form", "data:", "<!--"):
        assert bad not in safe


def test_a_link_keeps_its_address_and_gives_no_credit() -> None:
    """A link stays, marked for browsers and search engines as not ours."""
    safe = read_description('<p><a href="https://a.example/?x=1&y=2" target=_blank>a</a></p>')[1]

    assert safe is not None
    assert 'href="https://a.example/?x=1&amp;y=2"' in safe
    assert "noopener" in safe


def test_mending_leaves_correct_text_alone() -> None:
    """French, Arabic and emoji are no mojibake."""
    for text in ("Château, maïs, Noël, œuvre — « âge » ©", "الدار البيضاء ✨", "🦀 ÂGE ÉTÉ"):
        assert mend(text) == text


def test_halves_of_a_character_are_joined_or_dropped() -> None:
    """A surrogate pair is its character; a lone half is nothing."""
    assert drop_unstorable("\ud83d\ude00 \ude00x") == "😀 x"


POSTS: tuple[tuple[str, str | None, list[str], int], ...] = (
    (
        "Débat #Macron2022 avec @user et @a.b@mastodon.social https://t.co/xyz 😡 #LePen",
        "Débat Macron2022 avec et LePen",
        ["macron2022", "lepen"],
        2,
    ),
    ("Écrire à moi@exemple.fr", "Écrire à moi exemple.fr", [], 0),
    ("https://m.example/@user/1#top", None, [], 0),
    (
        "#2022 n'est pas un mot, #Élysée2022 oui",
        "2022 n'est pas un mot, Élysée2022 oui",
        ["élysée2022"],
        0,
    ),
    ("#المغرب 🇲🇦 #المغرب", "المغرب المغرب", ["المغرب"], 0),
    ("20 € + 5 % = C++ !", "20 € + 5 % = C++ !", [], 0),
    ("👩‍💻👍🏽 ✊ ok", "ok", [], 0),
)


@pytest.mark.parametrize(("text", "plain", "hashtags", "mentions"), POSTS)
def test_a_post_says_its_words(
    text: str, plain: str | None, hashtags: list[str], mentions: int
) -> None:
    """Links, mentions and symbols go; words in any script, punctuation and numbers stay."""
    assert read_post(text) == (plain, hashtags, mentions)


def test_a_mastodon_post_is_read_through_its_markup() -> None:
    """Links, mentions and hashtags that HTML cuts into pieces are whole again."""
    row = refine(
        "post",
        title=None,
        text_raw='<p><span class="h-card"><a href="https://m.example/@ana">@<span>ana</span></a>'
        "</span> vote "
        '<a href="https://m.example/tags/Paris">#<span>Paris</span></a> '
        '<a href="https://x.example/p"><span class="invisible">https://</span>'
        "<span>x.example/p</span></a></p>",
    )

    assert row["text_plain"] == "vote Paris"
    assert (row["hashtags"], row["mentions"]) == (["paris"], 1)


def test_a_post_without_text_has_unknown_words() -> None:
    """Not observed is null, not zero."""
    row = refine("post", title=None, text_raw=None)

    assert (row["text_plain"], row["hashtags"], row["mentions"]) == (None, None, None)


def test_shown_fields_are_storable() -> None:
    """Blank is null, edges and control characters go, lists lose their blanks only."""
    row = refine(
        "job", company=" \u00a0Acme\x00 ", industry_raw="  ", skills_raw=[" SQL", "", "SQL"]
    )

    assert (row["company"], row["industry_raw"]) == ("Acme", None)
    assert row["skills_raw"] == ["SQL", "SQL"]
