"""Calendar items to test with: three by hand, and any that hypothesis finds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from engine.rendering.calendar import CalendarItem, clean, uid

STAMP = datetime(2017, 9, 4, 7, 0, tzinfo=UTC)
DEADLINE = CalendarItem(
    uid=uid("ccm-nim-2018/-/first_reports/NR/1", "followthrough.example"),
    feeds=("plan", "party:NR"),
    summary="Article 7 report of Nauru; by March",
    description="Initial report, with Form A.\nBack\\Next and \\N stay: a, b; c.\n\nTürkiye – Côte d’Ivoire – 日本",
    start=date(2018, 3, 31),
    end=date(2018, 4, 1),
    categories=("T3", "follow-up, reports"),
    alarms=(timedelta(days=14), timedelta(hours=15), timedelta(hours=-9)),
    url="https://followthrough.example/party/NR?day=31 March",
)
WORKSHOP = CalendarItem(
    uid=uid("ccm-nim-2018/-/ny_workshop", "followthrough.example"),
    feeds=("plan", "role:isu"),
    summary="Workshop in New York",
    description="Its day is not fixed: shown over its month.",
    start=date(2017, 10, 1),
    end=date(2017, 11, 1),
    status="TENTATIVE",
    location="Room 3,\r\nUnited Nations, New York",
)
LETTER = CalendarItem(
    uid=uid("ccm-nim-2018/-/first_reports/NR/1/nr-mission/on-day", "followthrough.example"),
    feeds=("party:NR",),
    summary="Reminder to the mission of Nauru",
    description="",
    start=datetime(2018, 3, 29, 9, 0, 0, 7, tzinfo=UTC),
    end=datetime(2018, 3, 29, 9, 15, tzinfo=UTC),
    status="CANCELLED",
    alarms=(timedelta(minutes=10),),
    related_to=DEADLINE.uid,
)
PLAN = (DEADLINE, WORKSHOP, LETTER)

any_text = st.text(st.characters(exclude_categories=()), max_size=200)
texts = st.one_of(any_text, st.text(alphabet='\\nN;,:"^ \t\r\n\x00\x85\u2028\ufeffé日😀', max_size=200))
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
seconds = st.integers(0, 3_000_000_000)
instants = seconds.map(lambda number: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=number / 8))


@st.composite
def items(draw: st.DrawFn) -> CalendarItem:
    start: date = draw(st.one_of(days, instants))
    return CalendarItem(
        uid=uid(draw(texts.filter(lambda text: text.isprintable())), "example.org"),
        feeds=tuple(draw(st.lists(st.sampled_from(["plan", "role:isu", "party:NR"]), min_size=1))),
        summary=draw(texts.filter(lambda text: clean(text).strip())),
        description=draw(texts),
        start=start,
        end=start + timedelta(days=draw(st.integers(1, 400))),
        status=draw(st.sampled_from(["CONFIRMED", "TENTATIVE", "CANCELLED"])),
        location=draw(texts),
        categories=tuple(draw(st.lists(texts, max_size=3))),
        alarms=tuple(draw(st.lists(st.timedeltas(timedelta(days=-9), timedelta(days=90)), max_size=3))),
        related_to=draw(st.sampled_from([None, "parent-1"])),
        url=draw(texts),
    )
