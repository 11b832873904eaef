"""The language of measures, and of what rests on them: objectives, outputs and money; as shapes."""

from __future__ import annotations

from engine.definition.syntax import written
from engine.definition.syntax.leaves import CONDITION, DATE, FACT, LINE, OBJECTIVE, PROSE, STEP, WHOLE
from engine.definition.syntax.shapes import Key, ListOf, OneOf, Record, Text

OURS = {
    "ours": Key(
        ListOf(Text("a key beside it"), "a list of keys beside it"),
        "Which keys are our reading and not the source's; shown everywhere.",
    )
}
EACH = {
    "each": Key(CONDITION, "The parties meant.", True),
    "is": Key(CONDITION, "What has to hold for each of them.", True),
}
BASELINE = Record(
    "baseline",
    "a baseline",
    {
        "as_of": Key(DATE, "The day as of which it is counted.", True),
        "expect": Key(WHOLE, "How many they are by the source; `check` compares."),
    },
)
COUNT = {
    "count": Key(CONDITION, "The condition that parties have to meet to be counted.", True),
    "among": Key(CONDITION, "Only these parties are counted; default: all."),
    "at_least": Key(
        Text("a number to reach", written.threshold),
        "`5`, `half` or `80 %` (of `among`, rounded up), `baseline` or `baseline + 3`.",
        True,
    ),
    "baseline": Key(BASELINE, "The count to compare with."),
}


LISTING = {
    "among": Key(CONDITION, "The parties that are listed.", True),
    "show": Key(FACT, "The fact that is shown for each.", True),
}
MEASURES = {
    "count": Record("measure_count", "a measure", COUNT),
    "each": Record("measure_each", "a measure", EACH),
    "show": Record("measure_show", "a measure", LISTING),
}
MEASURE = OneOf("a measure", MEASURES)
_TITLED = {"title": Key(LINE, "The source's own words.", True)}
_BY = {"by": Key(DATE, "The day at whose end it is judged; needed where there is something to meet.")}
OBJECTIVE_DECL = OneOf(
    "an objective",
    {
        "all": Record(
            "objective_all",
            "an objective",
            {
                **_TITLED,
                "all": Key(
                    ListOf(MEASURE, "a list of measures"), "Several measures, all of which have to be met.", True
                ),
                **_BY,
                **OURS,
            },
        ),
        "count": Record("objective_count", "an objective", {**_TITLED, **COUNT, **_BY, **OURS}),
        "each": Record("objective_each", "an objective", {**_TITLED, **EACH, **_BY, **OURS}),
        "show": Record("objective_show", "an objective", {**_TITLED, **LISTING, **_BY, **OURS}),
    },
)
OUTPUT_DECL = OneOf(
    "an output",
    {
        "shows": Record(
            "output_shows",
            "an output",
            {
                **_TITLED,
                "shows": Key(ListOf(OBJECTIVE, "a list of objectives"), "The objectives that show it.", True),
                **OURS,
            },
        ),
        "count": Record("output_count", "an output", {**_TITLED, **COUNT, **OURS}),
        "record": Record(
            "output_record",
            "an output",
            {
                **_TITLED,
                "record": Key(FACT, "A fact about the workflow, in which an assessment is recorded.", True),
                **OURS,
            },
        ),
    },
)
BUDGET = Record(
    "budget",
    "a budget line",
    {
        "for": Key(STEP, "The step that it pays for.", True),
        "amount": Key(
            Text("an amount with a currency", written.money), "`100000 NZD`. Currencies are never added up.", True
        ),
        "from": Key(LINE, "Who pays.", True),
        "status": Key(LINE, "Such as `funded`.", True),
        "note": Key(PROSE, "What else there is to say."),
        **OURS,
    },
)
