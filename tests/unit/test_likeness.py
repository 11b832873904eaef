"""Letters that are the same but for the name: shown once, with what differs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.rendering.likeness import Likeness, kinds, marked

LETTER = "To: {to}\nSubject: Report of {name}, due 30 April\n\nExcellency,\n\nThe report of {name} is due on 30 April 2027.\n"


def written(kind: Likeness, member: int) -> str:
    """A member put together again from the words of its kind."""
    values = kind.values[member]
    return "".join(piece if isinstance(piece, str) else values[piece - 1] for piece in kind.pieces)


def flat(text: str) -> str:
    """White space is no difference."""
    return "".join(text.split())


def test_what_differs_in_the_name_is_shown_once() -> None:
    texts = [LETTER.format(to=f"Mission of {name}", name=name) for name in ("Fiji", "Nauru", "Côte d’Ivoire")]
    (kind,) = kinds(texts)
    assert kind.members == (0, 1, 2)
    assert marked(kind.pieces) == LETTER.format(to="Mission of ‹1›", name="‹1›")
    assert kind.values == (("Fiji",), ("Nauru",), ("Côte d’Ivoire",))


def test_what_differs_in_more_has_a_place_for_each() -> None:
    texts = [
        LETTER.format(to="The Mission in Geneva", name="Fiji"),
        LETTER.format(to="Focal point", name="Cook Islands"),
    ]
    (kind,) = kinds(texts)
    assert kind.values == (("The Mission in Geneva", "Fiji"), ("Focal point", "Cook Islands"))


def test_each_line_is_a_place_of_its_own() -> None:
    one = "To: Mission of Fiji\nCc: Ministry, the Unit\nSubject: A report\n"
    (kind,) = kinds([one, one.replace("Fiji", "Nauru").replace("Ministry", "Palace")])
    assert marked(kind.pieces) == "To: Mission of ‹1›\nCc: ‹2›, the Unit\nSubject: A report\n"


def test_a_sentence_that_only_one_has_is_a_place() -> None:
    plain = LETTER.format(to="M", name="Fiji")
    more = plain.replace("2027.\n", "2027. We thank you for the letter of March.\n")
    (kind,) = kinds([plain, more])
    assert kind.values == (("",), ("We thank you for the letter of March.",))


def test_the_same_text_has_no_places_and_another_is_another_kind() -> None:
    one = LETTER.format(to="M", name="Fiji")
    other = "Dear colleague,\n\n" + "Quite another letter, about another thing altogether. " * 12
    same, different = kinds([one, one, other])
    assert (same.members, same.values, marked(same.pieces)) == ((0, 1), ((), ()), one)
    assert different.members == (2,)
    assert kinds([]) == []


names = st.text("abc é’-. ,", min_size=1, max_size=30)


@given(st.lists(st.tuples(names, names, st.booleans()), min_size=1, max_size=6))
def test_each_letter_can_be_put_together_again(letters: list[tuple[str, str, bool]]) -> None:
    texts = [
        LETTER.format(to=to, name=name) + ("A last line for some.\n" if more else "") for to, name, more in letters
    ]
    found = kinds(texts)
    assert sorted(number for kind in found for number in kind.members) == list(range(len(texts)))
    for kind in found:
        for place, number in enumerate(kind.members):
            assert flat(written(kind, place)) == flat(texts[number])


@given(st.lists(st.text("ab \n.", max_size=40), max_size=5))
def test_any_texts_are_of_some_kind(texts: list[str]) -> None:
    found = kinds(texts)
    for kind in found:
        for place, number in enumerate(kind.members):
            assert flat(written(kind, place)) == flat(texts[number])
