"""Facts from a table: both forms, what is left out, and every fault with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app.facts.importing import Imported, import_facts
from engine.errors import BadInput, Refused
from engine.planning.changes import Action
from tests.installation import NOTE, Installation


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    """The note's plan on 5 November 2017: the workshop was held, and NR, FJ and CK get follow-up letters."""
    house = Installation(tmp_path)
    house.edit("ccm/parties.csv", "iso,name,", "iso,name,aliases,")
    roster = house.workflows / "ccm" / "parties.csv"
    head, *rows = roster.read_text("utf-8").splitlines()
    aliases = {"CI": "Ivory Coast; Cote d Ivoire", "CG": "Congo-Brazzaville"}
    rows = [f"{row[:2]},{_name(row)},{aliases.get(row[:2], '')}{row[3 + len(_name(row)) :]}" for row in rows]
    roster.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    house.apply()
    house.at("2017-09-20T12:00").record("date", "2017-10-12", step="ny_workshop")
    house.at("2017-10-16").record("attended", "yes", "NR", "FJ", "CK", step="ny_workshop")
    house.at("2017-11-05T12:00")
    yield house
    house.app.close()


def _name(row: str) -> str:
    rest = row[3:]
    return rest[: rest.index('"', 1) + 1] if rest.startswith('"') else rest.partition(",")[0]


def load(house: Installation, text: str | bytes, *, dry_run: bool = False, **options: str) -> Imported:
    data = text if isinstance(text, bytes) else text.encode()
    return import_facts(house.app, NOTE, "in/answers.csv", data, author="anna", dry_run=dry_run, **options)


def faults(house: Installation, text: str | bytes) -> list[str]:
    """What is wrong, a line for each, without the source line."""
    before = recorded(house)
    with pytest.raises(BadInput) as caught:
        load(house, text)
    assert recorded(house) == before
    return [str(problem).partition("\n")[0] for problem in caught.value.problems]


def recorded(house: Installation) -> list[tuple[str, str | None, str, str]]:
    with house.app.store.read() as tx:
        return [(fact.name, fact.subject.party, fact.value, str(fact.true)) for fact in tx.load_facts(NOTE)]


TALL = """\
party,fact,value,true,step,report.kind,detail:form_a,source,note
Fiji,report,2017-10-20,,,initial,substantive,,sent by hand
NR,law_status,in_progress,2017-10-01,,,,the UN's page,
nauru,attended,no,2017-10-30,ny_workshop,,,,
"""


def test_a_row_for_each_fact(house: Installation) -> None:
    found = load(house, TALL)
    fiji, law, absent = found.kept.facts
    assert (fiji.name, fiji.subject.party, fiji.value) == ("report", "FJ", "2017-10-20")
    assert fiji.details == (("form_a", "substantive"), ("kind", "initial"))
    assert (fiji.source, fiji.note, fiji.author) == ("answers.csv, line 2", "sent by hand", "anna")
    assert (law.subject.party, str(law.true), law.source) == ("NR", "2017-10-01", "the UN's page")
    assert (absent.subject.party, absent.subject.step, absent.value) == ("NR", "ny_workshop", "no")
    assert found.kept.effect.changes[Action.WITHDRAW] > 0
    assert found.kept.effect.by_step["ny_follow_up", Action.WITHDRAW] > 0
    states = Counter(row.state for party in ("FJ", "NR") for row in house.rows(step="ny_follow_up", party=party))
    assert set(states) == {"withdrawn"}


def test_a_row_for_each_party(house: Installation) -> None:
    found = load(
        house,
        "ISO;Name;Law_Status;Article 7 report received;report.form_a;ny_workshop.attended;true\n"
        "FJ;Fiji;in_progress;2017-10-20;substantive;;2017-10-02\n"
        "TG;Togo;;;;Yes;2017-10-02\n"
        ";Palau;;;;;\n",
    )
    assert [(fact.name, fact.subject.party, fact.subject.step, str(fact.true)) for fact in found.kept.facts] == [
        ("law_status", "FJ", None, "2017-10-02"),
        ("report", "FJ", None, "2017-10-20"),
        ("attended", "TG", "ny_workshop", "2017-10-02"),
    ]
    assert found.kept.facts[1].details == (("form_a", "substantive"),)


def test_importing_twice_changes_nothing(house: Installation) -> None:
    load(house, TALL)
    before, states = recorded(house), [(row.key, row.state) for row in house.rows()]
    again = load(house, TALL)
    assert (len(again.kept.facts), again.known) == (0, 3)
    house.at("2017-11-20T12:00")  # a day later what names no day is on record all the same
    load(house, "party,fact,value\nTG,law_status,unclear\n")
    house.at("2017-11-21T12:00")
    assert load(house, "party,fact,value\nTG,law_status,unclear\n").known == 1
    assert recorded(house)[: len(before)] == before
    assert len(recorded(house)) == len(before) + 1
    assert {key: state for key, state in states if state == "sent"} == {}


def test_what_differs_in_value_day_or_detail_is_recorded(house: Installation) -> None:
    load(house, "party,fact,value,report.kind\nFJ,report,2017-10-20,initial\n")
    assert load(house, "party,fact,value,report.kind\nFJ,report,2017-10-20,annual\n").kept.facts
    assert load(house, "party,fact,value,report.kind\nFJ,report,2017-10-21,annual\n").kept.facts
    assert load(house, "party,fact,value\nFJ,report,2017-10-21\n").known == 1


def test_a_dry_run_says_all_of_it_and_changes_nothing(house: Installation) -> None:
    before, rows = recorded(house), house.rows()
    with house.app.store.read() as tx:
        journal = len(tx.journal_entries())
    dry = load(house, TALL, dry_run=True)
    assert (recorded(house), house.rows()) == (before, rows)
    with house.app.store.read() as tx:
        assert len(tx.journal_entries()) == journal
    done = load(house, TALL)
    assert dry.kept.rehearsed
    assert dry.kept.effect == done.kept.effect
    assert [fact.subject for fact in dry.kept.facts] == [fact.subject for fact in done.kept.facts]


def test_before_a_plan_is_applied_facts_are_kept(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        text = "party,fact,value\nFJ,report,2017-08-01\n"
        assert len(load(house, text, dry_run=True).kept.facts) == 1
        assert recorded(house) == []
        found = load(house, text)
        assert (found.kept.effect.applied, len(found.kept.facts), found.kept.effect.changes) == (False, 1, Counter())
        assert load(house, text).known == 1


def test_one_replan_and_one_journal_line_for_each_fact(house: Installation) -> None:
    load(house, TALL)
    with house.app.store.read() as tx:
        entries = tx.journal_entries(action="recorded")
    assert [entry.detail for entry in entries[-3:]] == [
        "report 2017-10-20, form_a substantive, kind initial: sent by hand", "law_status in_progress", "attended no",
    ]  # fmt: skip
    with house.app.store.read() as tx:
        withdrawn = tx.journal_entries(action="withdrawn")
    assert {entry.actor for entry in withdrawn[-3:]} == {"anna"}


def test_what_was_taken_back_and_comes_again_is_said(house: Installation) -> None:
    load(house, "party,fact,value\nFJ,report,2017-10-20\n")
    house.retract("report", "FJ")
    again = load(house, "party,fact,value\nFJ,report,2017-10-20\n")
    assert [fact.subject.party for fact in again.kept.again] == ["FJ"]
    assert len(again.kept.facts) == 1


def test_a_row_that_stands_twice_counts_once(house: Installation) -> None:
    found = load(house, "party,fact,value\nFJ,report,2017-10-20\nFiji,report,2017-10-20\n")
    assert (len(found.kept.facts), found.repeated) == (1, 1)


def test_a_source_for_all(house: Installation) -> None:
    found = load(house, "party,fact,value\nFJ,report,2017-10-20\n", source="the UN's page")
    assert found.kept.facts[0].source == "the UN's page"


@pytest.mark.parametrize(
    ("written", "party"),
    [
        ("FJ", "FJ"), ("fj", "FJ"), ("fiji", "FJ"), ("  FIJI ", "FJ"), ("Cote d'Ivoire", "CI"), ("CÔTE D’IVOIRE", "CI"),
        ("ivory coast", "CI"), ("Congo Brazzaville", "CG"), ("Bolivia, Plurinational State of", "BO"),
        ("Guinea Bissau", "GW"), ("Guinea", "GN"),
    ],
)  # fmt: skip
def test_a_party_by_id_name_or_alias(house: Installation, written: str, party: str) -> None:
    text = f'party,fact,value\n"{written}",report,2017-10-20\n'
    assert load(house, text, dry_run=True).kept.facts[0].subject.party == party


def test_a_name_that_two_parties_have_is_refused(house: Installation) -> None:
    house.edit("ccm/parties.csv", "Congo-Brazzaville", "Guinea/Bissau")
    house.apply()
    (said,) = faults(house, "party,fact,value\nguinea bissau,report,2017-10-20\nGW,report,2017-10-20\n")
    assert said == "in/answers.csv:2:1: “guinea bissau” may be Congo (CG) or Guinea-Bissau (GW). Write the id."


def test_of_a_list_of_others_the_first_get_a_hint(house: Installation) -> None:
    said = faults(house, "party,report\n" + "".join(f"Fiij{number},2017-10-20\n" for number in range(500)))
    assert len(said) == 500
    assert "Did you mean" in said[0]
    assert said[-1] == "in/answers.csv:501:1: there is no party “Fiij499”"


def test_all_faults_come_at_once_with_their_places(house: Installation) -> None:
    found = faults(
        house,
        "party,fact,value,true,step,report.kind,note\n"
        "Figi,report,20/10/2017,,,first,\n"
        "NR,reprot,2017-10-01,,,,\n"
        "FJ,attended,maybe,3/4/2017,ny_workshp,,\n"
        "FJ,attended,yes,,,,\n"
        "FJ,law_status,unclear,2017-12-01,,initial,a\x07b\n"
        "FJ,,yes,,,,\n"
        "NR,law_status,unclear,2017-10-01,,,\n"
        "NR,law_status,silent,2017-10-01,,,\n",
    )
    dates = "(2018-03-31, 2018-02-12..2018-02-14, 2018-03, 2018-Q1 or 2018)"
    assert found == [
        "in/answers.csv:2:1: there is no party “Figi”. Did you mean Fiji (FJ)?",
        f"in/answers.csv:2:13: “20/10/2017” is not a date {dates}. Write 2017-10-20.",
        "in/answers.csv:2:26: “first” is not a value of report.kind (initial, annual)",
        "in/answers.csv:3:4: there is no fact “reprot”. Did you mean report?",
        "in/answers.csv:4:13: “maybe” is not a value of attended (yes, no)",
        f"in/answers.csv:4:19: “3/4/2017” is not a date {dates}. Write 2017-04-03 or 2017-03-04.",
        "in/answers.csv:4:28: there is no step “ny_workshp”. Did you mean ny_workshop?",
        "in/answers.csv:5:4: the fact attended is about a party at a step, and no step is named. Name the step.",
        "in/answers.csv:6:23: 2017-12-01 lies ahead, and what is recorded is true by 2017-11-05",
        "in/answers.csv:6:35: report.kind is given, and this row is about law_status",
        "in/answers.csv:6:43: control characters cannot stand in this text",
        "in/answers.csv:7:4: no fact is named in this row",
        "in/answers.csv:9:15: line 8 says otherwise of the same day. Keep one of the two.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: the file has no header. Its first line names the columns."),
        ("party,value\nFJ,1\n", "1:1: the header has neither a column “fact” nor the name of a fact."),
        ("party,fact\nFJ,report\n", "1:1: the header has no column “value”"),
        ("party,fact,value,Party\n", "1:18: the column “Party” stands here a second time"),
        ("party,fact,value,report\n", "1:18: “report” is a fact, and this table has a row for each fact."),
        ("party,report,report.form\n", "1:14: the fact report has no detail “form”. Did you mean form_a?"),
        ("party,report,region\n", "1:14: “region” stands in the roster and is not recorded. Remove the column."),
        ("party,report,sorce\n", "1:14: nothing is known of a column “sorce”. Did you mean source?"),
        ("party,report.kind,report\nFJ,initial,\n", "2:4: report.kind is given, and report is empty"),
        ("id,name,report\nFJ,Nauru,2017-10-01\n", "2:4: “id” is FJ here, and “name” is NR. One row is about one party."),
        ("party,fact,value\nFJ,report\n", "2:4: this row has 2 cells, and the header 3. Add the commas that are missing."),
        ("party;fact;value\nFJ;report\n", "2:4: this row has 2 cells, and the header 3. Add the semicolons that are missing."),
        ("party,report\nFJ,43000\n", "2:4: “43000” is not a date"),
    ],
)  # fmt: skip
def test_a_fault_says_what_and_where(house: Installation, text: str, said: str) -> None:
    assert any(f"in/answers.csv:{said}" in fault for fault in faults(house, text))


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("20/10/2017", "Write 2017-10-20."), ("20.10.2017", "Write 2017-10-20."), ("03.04.2017", "Write 2017-04-03."),
        ("3-4-2017", "Write 2017-04-03 or 2017-03-04."), ("5/5/2017", "Write 2017-05-05."),
        ("20 Oct 2017", "Write 2017-10-20."), ("20-October-2017", "Write 2017-10-20."), ("2017/10/20", "Write 2017-10-20."),
        ("43028", "Format the cell as a date, or write the day as 2018-03-20."),
    ],
)  # fmt: skip
def test_a_day_in_another_form_is_refused_with_how_to_write_it(house: Installation, written: str, hint: str) -> None:
    (said,) = faults(house, f"party,fact,value\nFJ,report,{written}\n")
    assert said.startswith(f"in/answers.csv:2:11: “{written}” is not a date")
    assert said.endswith(hint)


def test_encodings(house: Installation) -> None:
    text = "party;fact;value;note\nCôte d'Ivoire;report;2017-10-20;größer\n"
    assert load(house, text.encode("utf-8-sig"), dry_run=True).kept.facts[0].note == "größer"
    (said,) = faults(house, text.encode("cp1252"))
    assert said == (
        "in/answers.csv:2:2: the byte 0xf4 is not UTF-8. Save it as “CSV UTF-8” (in Excel: Save As), or as .xlsx."
    )
    (said,) = faults(house, text.encode("utf-16"))
    assert said.startswith("in/answers.csv:1:1: this is not text in UTF-8. Save it as “CSV UTF-8”")


def test_tabs_and_quotes(house: Installation) -> None:
    found = load(house, 'party\tfact\tvalue\tnote\r\nFJ\treport\t2017-10-20\t"two\nlines"\r\n')
    assert found.kept.facts[0].note == "two\nlines"


def test_nothing_in_a_file_is_refused(house: Installation) -> None:
    with pytest.raises(Refused, match="has no facts in it"):
        load(house, "party,report\nFJ,\n")


def test_other_subjects(house: Installation) -> None:
    found = load(
        house,
        "fact,value,step,anchor,contact,true\n"
        "date,2018-02-12..2018-02-14,auckland,,,\n"
        "date,2018-09-10..2018-09-12,,msp8,,\n"
        "address,new@fiji.example,,,fj_mission,\n"
        "awareness,Better known,,,,2017-11-01\n",
    )
    assert [str(fact.subject) for fact in found.kept.facts] == [
        "step auckland", "anchor msp8", "contact fj_mission", "the workflow",
    ]  # fmt: skip
    again = load(house, "fact,value,step\ndate,2018-02-12..2018-02-14,auckland\n")
    assert again.known == 1


def test_what_recurs_is_for_the_cycle_that_lacks_it_and_stays_so(house: Installation) -> None:
    reports = "article7-annual"
    house.at("2027-02-08").apply(reports)
    text = b"party,annual_report\nFJ,2027-02-07\n"
    first = import_facts(house.app, reports, "a.csv", text)
    assert first.kept.facts[0].subject.cycle == "2027"
    assert import_facts(house.app, reports, "a.csv", text).known == 1
    with pytest.raises(BadInput, match=r"line 2 has another annual_report of it\. Name the cycle of each\."):
        import_facts(
            house.app, reports, "a.csv", b"party,fact,value\nNR,annual_report,2027-02-01\nNR,annual_report,2027-02-02\n"
        )
    with pytest.raises(BadInput, match=r"a\.csv:2:4: for which cycle is annual_report"):
        import_facts(house.app, reports, "a.csv", b"party,annual_report\nFJ,2027-02-06\n")


def test_of_a_plan_without_parties_none_is_known(tmp_path: Path) -> None:
    house = Installation(tmp_path)
    path = house.workflows / "alone.yaml"
    path.write_text(
        "workflow: alone\ntitle: Alone\ntimezone: UTC\nowner: desk\nroles: {desk: {title: Desk, email: desk@example.org}}\n"
        "facts: {mood: {type: text}}\nsteps: {}\n"
    )
    with pytest.raises(BadInput, match="there is no party “Fiji”"):
        import_facts(house.app, "alone", "a.csv", b"party,mood\nFiji,good\n", dry_run=True)
    house.app.close()
