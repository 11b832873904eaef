"""Letters to test with: the shipped templates, and a context that has everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.rendering.context import (
    DeadlineView,
    EarlierLetter,
    EventView,
    LetterContext,
    Mailbox,
    NoteView,
    PartyView,
    RecipientView,
    RoleView,
    StepView,
    TallyView,
)
from engine.rendering.letters import Renderer
from engine.rendering.materials import Materials
from engine.rendering.notices import AimView, AnswerView, DigestView, HandOverView, PlanDigest, WaitingLetter
from engine.rendering.source import read_templates
from engine.rendering.templates import TemplateSet

FOLDER = Path(__file__).parent.parent / "templates" / "email"
SOURCES = read_templates(FOLDER)
LAYOUTS = {name: SOURCES[name] for name in ("_style.html", "layout.html", "layout.txt")}
SHIPPED = TemplateSet(SOURCES)
RENDERER = Renderer(SHIPPED)
MATERIALS = Materials(SHIPPED.versions, {}, "followthrough.example")

COOK_ISLANDS = PartyView("CK", "Cook Islands")
COTE_DIVOIRE = PartyView("CI", "Côte d’Ivoire", illustrative=True, last_contact=date(2018, 1, 5))
WORKSHOP = EventView(
    "Workshop in New York on transparency reporting", "12 October 2017", tentative=False, venue="New York",
    first=date(2017, 10, 12), last=date(2017, 10, 12), attended=True,
)  # fmt: skip
MISSION = Mailbox("Mission permanente de Côte d’Ivoire, Genève", "mission-ci@geneva.example")
CAPITAL = Mailbox("Point focal de la Convention, ministère des Affaires étrangères", "focal-point@ci.example")
NOTE = NoteView(
    "report_note", "Note verbale", "NIM/2018/7", True, "16 February 2018", "Geneva", "the Coordinator", "The Coordinator",
    ("New Zealand Coordinator on National Implementation Measures", "Convention on Cluster Munitions"), "A. B.",
)  # fmt: skip
COORDINATOR = RoleView("New Zealand Coordinator on National Implementation Measures", "", "nim@example.org")


def sample(template: str, **changes: Any) -> LetterContext:
    """A letter's context with every field filled in, and `changes` to it."""
    role = template in SHIPPED.names and SHIPPED.audience(template) == "role"
    context = LetterContext(
        key=f"ccm-nim-2018/-/ny_follow_up/CI/1/ci_mission/{template}",
        slot="before-6w",
        template=template,
        on="16 February 2018",
        due_at=datetime(2018, 2, 16, 8, tzinfo=UTC),
        zone="Europe/Zurich",
        workflow="ccm-nim-2018",
        workflow_title="Implementing Action 7 of the Dubrovnik Action Plan, 7MSP to 8MSP",
        step=StepView(
            "ny_follow_up", "Reports by those who attended the New York workshop",
            "Follow up with attendees at the New York workshop to ensure the submission of reports.", "follow_up",
        ),
        owner=COORDINATOR,
        to=RecipientView(COORDINATOR.title, "") if role else RecipientView(MISSION.name, "Excellency", post="mission"),
        recipients=(Mailbox(COORDINATOR.title, COORDINATOR.email),) if role else (MISSION,),
        copies=() if role else (CAPITAL, Mailbox("CCM Implementation Support Unit", "isu@example.org")),
        party=COTE_DIVOIRE,
        event=WORKSHOP,
        deadline=DeadlineView(date(2018, 3, 31), "31 March 2018", "Europe/Zurich time", 43),
        earlier=(EarlierLetter("26 October 2017", "Report"), EarlierLetter("23 November 2017", "Report")),
        fact_day="3 April 2018",
        tally=TallyView(2, 5, found=(COTE_DIVOIRE,), missing=(COOK_ISLANDS,)),
        parties=(COOK_ISLANDS, COTE_DIVOIRE),
        facts_missing=("held", "attended"),
        actions=("followthrough record ccm-nim-2018 held yes --step ny_workshop --on 2017-10-12",),
        letters=(EarlierLetter("26 October 2017", "Report"), EarlierLetter("23 November 2017", "Report")),
        waiting=(
            WaitingLetter("k/1", "Mission of Fiji", "Thursday 29 March 2018, 09:00", "Report of Fiji", ("Excellency,",)),
        ),
        answers=(
            AnswerView(
                7, "reply", "Fiji", "Thursday 29 March 2018, 09:00 (Europe/Zurich)", "Report of Fiji",
                ("Our report is in preparation.",), held=True,
            ),
            AnswerView(8, "link", "Togo", "Friday", "Report of Togo", said="by 2018-05-01", held=True),
            AnswerView(9, "link", "Togo", "Friday", said="submitted"),
            AnswerView(10, "link", "Nauru", "Friday", said="wrong_person", contact="Mission of Nauru"),
            AnswerView(
                11, "bounce", "Palau", "Friday", said="5.1.1 no such user", address="m@pw.example", contact="Mission",
                instead="Capital <c@pw.example>",
            ),
            AnswerView(12, "unmatched", "somebody@else.example", "Friday", lines=("About your letter.",)),
        ),
        told_before=1,
        hand_over=HandOverView(
            "the Coordinator passes from Alex Doe (alex@example.org) to Kim Roe (kim@example.org)",
            ("Reports by those who attended, by 31 March 2018: 22 letters sent and 14 letters to come",),
            ("Fiji: Extended to at Reports: 2018-04-30 (at their request)",),
            ("The Implementation Support Unit decides about everything until 12 May 2018",),
        ),
        digest=DigestView(
            ("3 letters wait for you", "2 answered"), "Monday 12 February 2018, 09:00 Europe/Zurich",
            (
                PlanDigest(
                    "Reports for the closing meeting", ("Thursday 29 March 2018: 3 letters, to Fiji and Nauru",),
                    ("Fiji, Reports: no such user",), ("Nauru: Report received: 2018-02-13",),
                    ("Thursday 29 March 2018: 12 letters, to Fiji",),
                    (AimView("(b)", "9 of 11 and 4 of 5", "by 5 September 2018"),),
                    ("Togo, 15 February 2018: Re: report (answer 3)",),
                ),
            ),
        ),
    )  # fmt: skip
    if template in ("report_note", "note_cover"):
        context = replace(context, note=NOTE)
    return replace(context, **changes)
