"""The note's plan with word to several roles: after so many letters, and near the date."""

from __future__ import annotations

from pathlib import Path

from tests.installation import NOTE, Installation

STEP = "ny_follow_up"
RULE = "escalate: {after: 3 letters, to: isu}           # our reading"
SEVERAL = "escalate: [{after: 3 letters, to: isu}, {before: 2 weeks, to: president}]"


def test_the_isu_hears_after_three_letters_and_the_president_near_the_date(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.edit("ccm-nim-2018.yaml", RULE, SEVERAL)
        house.apply()
        house.workshop("TG", "FJ")
        house.run_to("2018-03-10")
        house.record("report", "2018-03-09", "FJ", details={"form_a": "substantive"})
        house.run_to("2018-03-20")
        isu = house.mail_of(f"{NOTE}/-/{STEP}/TG/1/isu/escalation")
        assert "No answer yet from Fiji" in isu["Subject"], "both in one mail"
        # two weeks before Saturday 31 March is Saturday the 17th: on Friday
        president = house.mail_of(f"{NOTE}/-/{STEP}/TG/1/president/escalation-before-2w")
        assert president["Subject"] == "The date is near: Togo, Reports by those who attended the New York workshop"
        assert president["Date"].datetime.date().isoformat() == "2018-03-16"
        assert president["From"].addresses[0].display_name == "followthrough"
        told = {
            row.party for row in house.rows(step=STEP) if row.slot == "escalation-before-2w" and row.state == "sent"
        }
        assert told == {"TG"}, "Fiji had reported"
