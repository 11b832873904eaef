"""Letters in other languages than English: which language, and what is said in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy

import pytest

from engine.definition.dates import Precision, Span
from engine.rendering.compose import Composer
from engine.rendering.context import LetterContext, PartyView
from engine.rendering.joining import join
from engine.rendering.templates import TemplateSet
from engine.rendering.tongues import speaking
from engine.rendering.versions import chain, choose, versions
from tests.letter_samples import COORDINATOR, LAYOUTS, MATERIALS, RENDERER, SHIPPED, sample
from tests.support import new_york, of, plannable, replay
from tests.unit.test_mail import mail

TO_PARTIES = [name for name in SHIPPED.names if SHIPPED.audience(name) == "party"]


@pytest.mark.parametrize(
    ("wanted", "tried"),
    [
        (("fr-CH", "es", ""), ("fr-CH", "fr", "es", "en")),
        (("zh-Hant-TW", None, "ru"), ("zh-Hant-TW", "zh-Hant", "zh", "ru", "en")),
        (("en", "fr"), ("en", "fr")),
        (("en-GB", "fr"), ("en-GB", "en", "fr")),
        ((None, "", None), ("en",)),
    ],
)
def test_the_chain_goes_from_the_contact_to_english(wanted: tuple[str | None, ...], tried: tuple[str, ...]) -> None:
    assert chain(*wanted) == tried


def test_the_first_version_that_there_is_is_taken() -> None:
    found = versions(["nudge.md", "nudge.fr.md", "nudge.pt-BR.md", "layout.html", "layout.fr.html", "_a.b.c.md"])
    assert found["nudge.md"] == {"en": "nudge.md", "fr": "nudge.fr.md", "pt-BR": "nudge.pt-BR.md"}
    assert found["layout.html"] == {"en": "layout.html", "fr": "layout.fr.html"}
    assert found["_a.b.c.md"] == {"en": "_a.b.c.md"}, "what names no language is a name"
    assert choose(found["nudge.md"], chain("fr-CH")) == "fr"
    assert choose(found["nudge.md"], chain("es", "fr")) == "fr"
    assert choose(found["nudge.md"], chain("es")) == "en"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["1 March 2018", "12–14 February 2018", "30 April – 2 May 2018", "March 2018", "Europe/Zurich time"]),
        ("fr", ["1er mars 2018", "12-14 février 2018", "30 avril – 2 mai 2018", "mars 2018", "heure de Zurich"]),
        (
            "es",
            ["1 de marzo de 2018", "12 a 14 de febrero de 2018", "30 de abril a 2 de mayo de 2018", "marzo de 2018",
             "hora de Zúrich"],
        ),
        ("ru", ["1 марта 2018 г.", "12 февраля 2018 г. – 14 февраля 2018 г.", "30 апреля 2018 г. – 2 мая 2018 г.",
                "март 2018", "Цюрих"]),
    ],
)  # fmt: skip
def test_days_in_words(language: str, words: list[str]) -> None:
    tongue = speaking(language)
    spans = [
        Span(date(2018, 3, 1), date(2018, 3, 1)),
        Span(date(2018, 2, 12), date(2018, 2, 14), Precision.RANGE),
        Span(date(2018, 4, 30), date(2018, 5, 2), Precision.RANGE),
        Span(date(2018, 3, 1), date(2018, 3, 31), Precision.MONTH),
    ]
    assert [" ".join(said.split()) for said in (*map(tongue.span, spans), tongue.zone("Europe/Zurich"))] == words


@pytest.mark.parametrize(
    ("language", "iso", "said"),
    [
        ("fr", "TD", "le Tchad | du Tchad | au Tchad"),
        ("fr", "CI", "la Côte d’Ivoire | de la Côte d’Ivoire | à la Côte d’Ivoire"),
        ("fr", "AL", "l’Albanie | de l’Albanie | à l’Albanie"),
        ("fr", "CK", "les Îles Cook | des Îles Cook | aux Îles Cook"),
        ("fr", "HT", "Haïti | d’Haïti | à Haïti"),
        ("fr", "CU", "Cuba | de Cuba | à Cuba"),
        ("fr", "AD", "Andorre | d’Andorre | à Andorre"),
        ("fr", "MX", "le Mexique | du Mexique | au Mexique"),
        ("fr", "GB", "le Royaume-Uni | du Royaume-Uni | au Royaume-Uni"),
        ("fr", "SL", "la Sierra Leone | de la Sierra Leone | à la Sierra Leone"),
        ("fr", "VA", "le Saint-Siège | du Saint-Siège | au Saint-Siège"),
        ("fr", "SM", "Saint-Marin | de Saint-Marin | à Saint-Marin"),
        ("fr", "PS", "l’État de Palestine | de l’État de Palestine | à l’État de Palestine"),
        ("fr", "HN", "le Honduras | du Honduras | au Honduras"),
        ("fr", "HU", "la Hongrie | de la Hongrie | à la Hongrie"),
        ("es", "EC", "el Ecuador | del Ecuador | al Ecuador"),
        ("es", "SV", "El Salvador | de El Salvador | a El Salvador"),
        ("es", "CK", "las Islas Cook | de las Islas Cook | a las Islas Cook"),
        ("es", "NL", "los Países Bajos | de los Países Bajos | a los Países Bajos"),
        ("es", "CU", "Cuba | de Cuba | a Cuba"),
        ("es", "DO", "la República Dominicana | de la República Dominicana | a la República Dominicana"),
    ],
)
def test_names_of_states_in_a_sentence(language: str, iso: str, said: str) -> None:
    tongue = speaking(language)
    name = tongue.state(iso, date(2018, 3, 1))
    assert name
    assert " | ".join((tongue.the(name), tongue.of(name), tongue.to(name))) == said


def test_a_name_that_is_no_states_gets_no_article() -> None:
    assert speaking("fr").the("Office central") == "Office central"
    assert speaking("fr").of("Office central") == "d’Office central"
    assert speaking("es").to("Ecuador SA") == "a Ecuador SA"


@pytest.mark.parametrize(
    ("iso", "on", "names"),
    [
        ("SZ", date(2018, 4, 18), {"fr": "Swaziland", "es": "Swazilandia", "pt": None}),
        ("SZ", date(2018, 4, 19), {"fr": "Eswatini", "es": "Eswatini", "pt": None}),
        ("MK", date(2019, 2, 11), {"fr": "ex-République yougoslave de Macédoine"}),
        ("MK", date(2019, 2, 12), {"fr": "Macédoine du Nord"}),
        ("PS", date(2018, 1, 1), {"fr": "État de Palestine", "ar": "دولة فلسطين", "de": None}),
        ("LA", date(2018, 1, 1), {"es": "República Democrática Popular Lao"}),
        ("FR", date(2018, 1, 1), {"fr": "France", "ar": "فرنسا", "en": None}),
        ("XX", date(2018, 1, 1), {"fr": None}),
    ],
)
def test_what_a_state_was_called_on_a_day(iso: str, on: date, names: dict[str, str | None]) -> None:
    assert {language: speaking(language).state(iso, on) for language in names} == names


def test_lists_and_numbers_in_words() -> None:
    names = ["Fidji", "Kiribati", "Nauru"]
    assert speaking("fr").listed(names) == "Fidji, Kiribati et Nauru"
    assert speaking("fr").listed(names, 2) == "Fidji, Kiribati et 1 autre"
    assert speaking("es").listed(["Francia", "Italia"]) == "Francia e Italia"
    assert speaking("es").listed(["Perú", "Hierro"]) == "Perú y Hierro"
    assert speaking("es").listed(names, 1) == "Fidji y 2 más"
    assert [speaking(code).spelled(5) for code in ("en", "fr", "es", "ru")] == ["five", "cinq", "cinco", "5"]
    assert speaking("ru").listed(names) == "Fidji, Kiribati и Nauru"
    assert speaking("xx").listed(names[:2]), "also in a language that nobody knows"


@pytest.mark.parametrize("language", ["fr", "es"])
@pytest.mark.parametrize("name", TO_PARTIES)
def test_each_letter_is_there_and_courteous(name: str, language: str) -> None:
    tongue = speaking(language)
    context = sample(name, key="k", party=PartyView("EC", tongue.state("EC", date(2018, 1, 1)) or ""))
    context = replace(
        context,
        to=replace(context.to, language=language, salutation=tongue.opening("excellency"), form="excellency"),
    )
    letter = RENDERER.render(context)
    flat = " ".join(letter.text.split())
    own = {"fr": ("Excellence,", "très haute considération", "Équateur", "Référence : k"),
           "es": ("Excelencia:", "alta consideración", "Ecuador", "Referencia: k")}[language]  # fmt: skip
    for words in own:
        assert words in flat
    assert re.search("réponse|répond|respuesta|respond", flat)
    assert not re.search(r"!|\b(?:the|and|reply|Dear|We|our)\b", flat.partition("-" * 24)[0].replace(
        "Workshop in New York on transparency reporting", "").replace("Reports by those who attended", "")
        .replace("Implementing Action 7 of the Dubrovnik Action Plan", "").replace("the New York workshop", ""))  # fmt: skip
    assert f'<html lang="{language}">' in letter.html
    assert message_from_bytes(mail(letter), policy=policy.default)["Content-Language"] == language


def test_a_letter_says_the_direction_of_its_script() -> None:
    source = "---\nsubject: تذكير\n---\nنص {{ party.name }}"
    templates = TemplateSet({**LAYOUTS, "letter.md": "---\nsubject: s\n---\nx", "letter.ar.md": source})
    context = sample("letter", to=replace(sample("letter").to, language="ar", direction=speaking("ar").direction))
    filled = templates.fill(context)
    page, _ = templates.lay_out("layout.html", filled, "body")
    assert filled.subject == "تذكير"
    assert '<html lang="ar" dir="rtl">' in page.replace("\ue100", "ar").replace("\ue101", "ar")


def test_a_version_of_nothing_and_a_missing_layout_are_faults() -> None:
    letter = "---\nsubject: s\n---\n"
    problems = TemplateSet({**LAYOUTS, "a.md": letter, "a.pt.md": letter, "b.pt.md": letter}).problems
    assert [str(problem) for problem in problems] == [
        "templates/email/b.pt.md:1:1: there is no “b.md”, which those get who read another language than “pt”."
        " Write it in English.",
        "templates/email/layout.pt.html:1:1: this layout is missing, which “a.pt.md” and others of its language need.",
        "templates/email/layout.pt.txt:1:1: this layout is missing, which “a.pt.md” and others of its language need.",
    ]


def test_a_letter_includes_what_is_in_its_own_language() -> None:
    letter = "---\nsubject: s\n---\n{% include '_we.md' %}"
    layouts = {**LAYOUTS, **{name.replace(".", ".fr."): text for name, text in LAYOUTS.items() if name[0] != "_"}}
    whole = {**layouts, "a.md": letter, "a.fr.md": letter, "_we.md": "We", "_we.fr.md": "Nous"}
    templates = TemplateSet(whole)
    context = sample("a")
    assert templates.problems == []
    assert templates.fill(context).markdown.strip() == "We"
    french = replace(context, to=replace(context.to, language="fr"))
    assert templates.fill(french).markdown.strip() == "Nous"
    del whole["_we.fr.md"]
    (problem,) = TemplateSet(whole).problems
    assert str(problem).startswith(
        "templates/email/a.fr.md:4:13: “_we.md” has no version in the language of this letter."
    )


def composed(party: str, contacts: dict[str, str] | None = None) -> LetterContext:
    """What the note's first letter to a party that came to New York is made from; `contacts` changes its contact."""
    plan = plannable()
    changed = tuple(replace(each, **(contacts or {})) if each.party == party else each for each in plan.contacts)
    run, planned = replay(new_york(party), "2017-11-15", replace(plan, contacts=changed))
    letter = of(planned.letters, "ny_follow_up", party)[0]
    return Composer(run.planner, MATERIALS).context(letter, planned.letters)


def test_a_mission_gets_its_letter_in_its_language_with_everything_in_it() -> None:
    letter = RENDERER.render(composed("BJ"))
    assert letter.language == "fr"
    assert letter.subject == "Rapport du Bénin au titre de l’article 7, attendu pour le 31 mars 2018"
    flat = " ".join(letter.text.split())
    assert flat.startswith(
        "Excellence, Nous remercions le Bénin de sa participation à la réunion « Atelier de New York"
    )
    assert "(12 octobre 2017)" in flat
    assert "(fin de la journée, heure de Zurich)" in flat
    assert "Veuillez agréer, Excellence, les assurances de notre très haute considération." in flat
    assert "Coordination néo-zélandaise pour les mesures d’application nationales" in flat


@pytest.mark.parametrize(
    ("contact", "language", "opening"),
    [
        ({}, "fr", "Excellence"),
        ({"language": "fr-CA"}, "fr", "Excellence"),
        ({"language": "es", "form": "madam"}, "es", "Señora"),
        ({"language": "pt"}, "en", "Excellency"),
        ({"language": ""}, "en", "Excellency"),
        ({"form": "sir"}, "fr", "Monsieur"),
        ({"form": "colleague"}, "fr", "Chère collègue, cher collègue"),
        ({"salutation": "Madame l’Ambassadrice", "form": "sir"}, "fr", "Madame l’Ambassadrice"),
        ({"post": "capital"}, "fr", "Madame, Monsieur"),
        ({"post": "capital", "language": "en"}, "en", "Dear colleague"),
    ],
)
def test_the_contact_says_language_and_address(contact: dict[str, str], language: str, opening: str) -> None:
    context = composed("BJ", contact)
    assert (context.to.language, context.to.salutation) == (language, opening)
    text = RENDERER.render(context).text
    assert text.startswith(f"{opening},\n" if language != "es" else f"{opening}:\n")


def test_an_honorific_stands_before_the_name() -> None:
    context = composed("BJ", {"name": "Ada Example", "honorific": "S.E. Mme"})
    assert context.to.name == context.recipients[0].name == "S.E. Mme Ada Example"


def test_the_party_and_the_plan_come_before_english() -> None:
    plan = plannable()
    bare = tuple(replace(each, language="") if each.party == "BJ" else each for each in plan.contacts)
    of_party = {**plan.parties, "BJ": replace(plan.parties["BJ"], language="es", names={"es": "Benín mismo"})}
    of_plan = replace(plan.workflow, language="fr")
    for changed, language, name in (
        (replace(plan, contacts=bare, parties=of_party, workflow=of_plan), "es", "Benín mismo"),
        (replace(plan, contacts=bare, workflow=of_plan), "fr", "Bénin"),
        (replace(plan, contacts=bare), "en", "Benin"),
    ):
        run, planned = replay(new_york("BJ"), "2017-11-15", changed)
        letter = of(planned.letters, "ny_follow_up", "BJ")[0]
        context = Composer(run.planner, MATERIALS).context(letter, planned.letters)
        assert context.party is not None
        assert (context.to.language, context.party.name) == (language, name)


def test_owners_are_written_to_in_english_while_their_letters_have_no_other_version() -> None:
    plan = plannable()
    roles = {name: replace(role, language="fr") for name, role in plan.workflow.roles.items()}
    run, _ = replay([], "2017-09-05", replace(plan, workflow=replace(plan.workflow, roles=roles)))
    prompts = run.planner.plan_steps().letters
    prompt = next(letter for letter in prompts if letter.template == "review" and letter.due_at)
    context = Composer(run.planner, MATERIALS).context(prompt, prompts)
    assert (context.to.language, context.owner.title) == ("en", COORDINATOR.title)


def test_letters_in_one_mail_are_told_in_their_language() -> None:
    french = [RENDERER.render(composed("BJ")), RENDERER.render(composed("BJ", {"name": "Autre"}))]
    mail = join(french)
    assert mail.language == "fr"
    assert " ".join(mail.subject.split()).startswith("2 lettres : Rapport du Bénin")
    assert mail.text.startswith("Ce message apporte 2 lettres\u00a0:")
    assert "1 sur 2\u00a0: Rapport du Bénin" in mail.text


def test_letters_in_two_languages_say_both() -> None:
    parts = [RENDERER.render(composed("BJ")), RENDERER.render(composed("BJ", {"language": "en"}))]
    joined = join(parts)
    assert joined.subject.startswith("2 letters: Rapport du Bénin")
    assert '<html lang="fr">' in joined.html
    assert '<div lang="en" dir="ltr">' in joined.html
    assert message_from_bytes(mail(joined), policy=policy.default)["Content-Language"] == "fr, en"
