"""A plan lived through at random: facts come and go, dates move, the daemon sleeps, the file is edited.

After each step what the design guarantees is asked of the outbox, by what happened and not by how it is planned.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.definition.cadence import is_escalation, is_request
from engine.definition.dates import zone
from engine.definition.facts import Fact
from engine.definition.workdays import WorkCalendar
from engine.definition.workflow import Plannable
from engine.letter import Recorded
from engine.lifecycle import UNSENT, State
from engine.planning.changes import Action
from engine.planning.replay import in_order
from engine.planning.told import told
from tests.planning_model import Outbox, chase, roster, small
from tests.support import ZURICH

GENEVA = WorkCalendar("CH", "GE")
CONTACTS = """\
id,party,post,name,address,timezone
aa_1,AA,mission,Mission of AA,one@aa.example,
aa_2,AA,mission,Deputy of AA,two@aa.example,
bb_c,BB,capital,Ministry of BB,bb@bb.example,Asia/Kathmandu
cc_c,CC,capital,Ministry of CC,cc@cc.example,
"""
PARTIES = ("AA,AA,,yes,", "BB,BB,,yes,", "CC,CC,,no,Pacific/Apia")
SENDS = (
    "[at once, every 4 weeks until 6 weeks before, 6 weeks before, 2 weeks before, on the day, 2 weeks after]",
    "[at once, every 3 weeks until on the day, 3 weeks before]",
    "[every 10 days at most 5, 1 month before, on the day]",
    "[2 weeks before, at once, on the day]",
)
INVITATIONS = (
    "[at once, 2 weeks before, 2 days before]",
    "[at once, 4 weeks before, every 2 weeks until 1 week before]",
)
THANKED = """\
to: member == "yes"
thanks: thank_you
escalate: [{after: 3 letters, to: boss}, {before: 3 weeks, to: desk}]
optional: yes
paces: {gentle: [at once, every 6 weeks until on the day], strict: [every 2 weeks at most 9, 2 weeks before, on the day]}
"""
CORRECTED = "corrected: deadline_moved\n"
EVENT = """\
  meeting:
    event: A meeting
    when: 2018-05
    invite: member == "yes" and not report
    prepare: [8 weeks before, 2 weeks before]
    invitations: %s
    approval: none
  after:
    follow_up: Reports by those who came
    to: meeting.attended
    after: meeting + 2 weeks
    by: end
    until: report and report.form == "full"
    send: [at once, every 2 weeks until 2 weeks before, 2 weeks before]
    letter: nudge
    approval: none
  two:
    target: Two that are prepared
    count: status == "prepared"
    at_least: 2
    by: end
    remind: [6 weeks before, on the day]
    ask: {to: status == "candidate", send: [at once, every 3 weeks until on the day], letter: nudge}
    enough: stop
    thanks: thank_you
    approval: none
  talks:
    ongoing: Talks
    review: every 2 months
"""
DAYS = st.dates(date(2018, 3, 1), date(2018, 9, 28))
PARTY = st.sampled_from(["AA", "BB", "CC"])


@lru_cache
def plan(send: int, invitations: int, parties: int) -> Plannable:
    """One of the revisions between which the file is edited; with two parties or three."""
    steps = chase(SENDS[send], more=THANKED + (CORRECTED if send % 2 else "")) + EVENT % INVITATIONS[invitations]
    kept = PARTIES[:parties]
    contacts = "".join(line + "\n" for line in CONTACTS.splitlines() if line[:2] != "cc" or parties == 3)
    return small(steps, ends="2018-10-31", parties=roster(kept), contacts=contacts)


class PlannedYear(RuleBasedStateMachine):
    """Drives planner, reconcile and arrange, and knows independently who is done and who was told what."""

    @initialize(send=st.integers(0, 3))
    def begin(self, send: int) -> None:
        self.edition = (send, 0, 3)
        self.outbox = Outbox(plan(*self.edition))
        self.addresses = {contact.id: contact.address for contact in self.outbox.plan.contacts}
        self.done: dict[tuple[str, str], list[Fact]] = {}
        self.checked = 0

    @rule(party=PARTY, full=st.booleans())
    def record_report(self, party: str, full: bool) -> None:
        form = "full" if full else "empty"
        self.outbox.record("report", str(self.outbox.now.date()), party=party, details={"form": form})

    @rule(
        name=st.sampled_from(
            [
                "report",
                "date",
                "attended",
                "cancelled",
                "status",
                "exempt",
                "contacted",
                "answered",
                "unreachable",
                "opted_out",
                "pace",
                "write_to",
                "approval",
            ]
        ),
        which=st.integers(0, 5),
    )
    def retract(self, name: str, which: int) -> None:
        standing = [fact for fact in self.outbox.facts if fact.live() and fact.name == name]
        if not standing:
            return
        before = dict(self.outbox.rows)
        self.outbox.retract(standing[which % len(standing)])
        self.check_revived(before)

    def check_revived(self, before: dict[str, Recorded]) -> None:
        """What the plan wants again lives if it is still to come, and is missed with a reason if it is not (G3)."""
        wanted = {letter.key: letter for letter in self.outbox.letters() if letter.state == State.SCHEDULED}
        for key, row in before.items():
            after = self.outbox.rows[key]
            if row.state == State.WITHDRAWN and key in wanted:
                due = wanted[key].due_at
                assert due is not None
                assert after.state == (State.SCHEDULED if due >= self.outbox.now else State.MISSED)
                assert after.reason

    @rule(day=DAYS)
    def move_end(self, day: date) -> None:
        self.outbox.record("date", day.isoformat(), anchor="end")

    @rule(day=DAYS, month=st.booleans())
    def move_meeting(self, day: date, month: bool) -> None:
        self.outbox.record("date", day.isoformat()[:7] if month else day.isoformat(), step="meeting")

    @rule(off=st.booleans())
    def cancel_meeting(self, off: bool) -> None:
        self.outbox.record("cancelled", "yes" if off else "no", step="meeting")

    @rule(party=PARTY, came=st.booleans())
    def attend(self, party: str, came: bool) -> None:
        self.outbox.record("attended", "yes" if came else "no", party=party, step="meeting")

    @rule(party=PARTY, status=st.sampled_from(["candidate", "prepared", "declined"]))
    def say_status(self, party: str, status: str) -> None:
        self.outbox.record("status", status, party=party)

    @rule(address=st.sampled_from(["one@aa.example", "two@aa.example", "Two@AA.example", "three@aa.example"]))
    def correct_address(self, address: str) -> None:
        self.outbox.record("address", address, contact="aa_1")

    @rule(on=st.sampled_from(["2018-08-10", "2018-09-07"]), party=PARTY)
    @precondition(lambda self: self.outbox.now < datetime(2018, 7, 1, tzinfo=UTC))
    def extend(self, on: str, party: str) -> None:
        self.outbox.record("extended_to", on, party=party, step="ask")

    @rule(days=st.integers(1, 60), party=PARTY, step=st.sampled_from(["ask", "after", "two"]))
    def snooze(self, days: int, party: str, step: str) -> None:
        until = (self.outbox.now + timedelta(days=days)).date()
        self.outbox.record("snoozed_until", until.isoformat(), party=party, step=step)

    @rule(party=PARTY, yes=st.booleans())
    def exempt(self, party: str, yes: bool) -> None:
        self.outbox.record("exempt", "yes" if yes else "no", party=party, step="ask")

    @rule(party=PARTY, yes=st.booleans())
    def opt_out(self, party: str, yes: bool) -> None:
        self.outbox.record("opted_out", "yes" if yes else "no", party=party, step="ask")

    @rule(party=PARTY, pace=st.sampled_from(["gentle", "strict", "usual", "gone"]), step=st.sampled_from(["ask", None]))
    def change_pace(self, party: str, pace: str, step: str | None) -> None:
        self.outbox.record("pace", pace, party=party, step=step)

    @rule(to=st.sampled_from(["aa_1", "aa_2", "mission", "capital"]), step=st.sampled_from(["ask", "meeting", None]))
    def write_to(self, to: str, step: str | None) -> None:
        self.outbox.record("write_to", to, party="AA", step=step)

    @rule(party=PARTY, step=st.sampled_from(["ask", "meeting", None]))
    def ask_for_approval(self, party: str, step: str | None) -> None:
        self.outbox.record("approval", "required", party=party, step=step)

    @rule(party=PARTY, step=st.sampled_from(["ask", "two"]))
    def call(self, party: str, step: str) -> None:
        self.outbox.record("contacted", "yes", party=party, step=step)

    @rule(party=PARTY, step=st.sampled_from(["ask", "after", "two"]), waits=st.booleans())
    def answer(self, party: str, step: str, waits: bool) -> None:
        """Somebody answers, or a person has looked at the answers of a party."""
        self.outbox.record("answered", "yes" if waits else "no", party=party, step=step)

    @rule(which=st.integers(0, 30))
    def bounce(self, which: int) -> None:
        """A letter comes back: from the address that its addressee has now."""
        sent = [row for row in self.outbox.rows.values() if row.state == State.SENT and row.addressee in self.addresses]
        if sent:
            row = sent[which % len(sent)]
            self.outbox.bounce(row, self.address(row.addressee))

    @rule(send=st.integers(0, 3), invitations=st.integers(0, 1), parties=st.integers(2, 3))
    def edit(self, send: int, invitations: int, parties: int) -> None:
        self.edition = (send, invitations, parties)
        self.outbox.apply(plan(*self.edition))

    @rule(hours=st.integers(1, 24 * 30))
    def wait(self, hours: int) -> None:
        self.outbox.run(self.outbox.now + timedelta(hours=hours))

    @rule(days=st.integers(1, 20))
    def wait_to_an_hour_of_sending(self, days: int) -> None:
        rows = self.outbox.rows.values()
        due = sorted(row.due_at for row in rows if row.state in UNSENT and row.due_at >= self.outbox.now)
        if due:
            self.outbox.run(due[min(days, len(due)) - 1])

    @rule(days=st.integers(1, 30))
    def sleep(self, days: int) -> None:
        self.outbox.sleep(self.outbox.now + timedelta(days=days))
        self.outbox.replan()  # as the next recording does: what left late counts from when it left

    @invariant()
    def keys_are_unique(self) -> None:
        """G1: the plan has each key once, and nothing leaves twice under one key."""
        if not hasattr(self, "outbox"):
            return
        keys = Counter(letter.key for letter in self.outbox.letters())
        assert [key for key, times in keys.items() if times > 1] == []
        sent = Counter(each.letter.key for each in self.outbox.sent)
        assert [key for key, times in sent.items() if times > 1] == []

    @invariant()
    def outbox_agrees_with_the_plan(self) -> None:
        """To reconcile once is enough, and what was learnt little by little is what a new planner says (G7, G8).

        But for the words of what was withdrawn: that its time passed meanwhile may be seen later.
        """
        if not hasattr(self, "outbox"):
            return
        gone = {key for key, row in self.outbox.rows.items() if row.state == State.WITHDRAWN}
        again = self.outbox.replan()
        assert [change for change in again if (change.action, change.key in gone) != (Action.MISS, True)] == []
        assert in_order(self.outbox.letters()) == in_order(self.outbox.letters(self.outbox.fresh()))

    @invariant()
    def what_has_left_is_not_to_come(self) -> None:
        """G1: a date that moved re-times what is unsent, and what was sent stays where it left."""
        if not hasattr(self, "outbox"):
            return
        sent = {each.letter.key for each in self.outbox.sent}
        for letter in self.outbox.letters():
            if letter.key in sent:
                assert letter.due_at is None or letter.due_at <= self.outbox.now, letter.key

    @invariant()
    def what_left_was_allowed_to(self) -> None:
        if not hasattr(self, "outbox"):
            return
        for index in range(self.checked, len(self.outbox.sent)):
            self.check_departure(index)
        self.checked = len(self.outbox.sent)

    def check_departure(self, index: int) -> None:
        row, at = self.outbox.sent[index]
        before = [each.letter for each in self.outbox.sent[:index]]
        self.check_hour(row)
        assert row.due_at <= at
        assert row.slot == "at-once" or row.stale_at is None or at < row.stale_at, "what is stale does not leave (G4)"
        assert at < datetime(2018, 10, 31, 23, tzinfo=UTC), "nothing leaves after the plan ended"
        self.check_answers(row, at)
        same = [
            each for each in before if (each.step, each.party, each.addressee) == (row.step, row.party, row.addressee)
        ]
        if row.party is None:
            return
        if is_escalation(row.slot):
            self.check_escalation(row, at, before)
            return
        self.check_told(row, at, same, before)
        if row.step in ("ask", "after"):
            done = self.is_done(row.party, at, full=row.step == "after")
            assert done == (row.slot == "thanks"), "G3"
            assert not (row.step == "ask" and self.is_released(row.party, at)), (
                "whoever is exempt or opted out is left alone"
            )
            if row.slot == "thanks":
                back = [key for key, each in self.outbox.rows.items() if each.state == State.BOUNCED]
                reached = [each for each in same if each.key not in back]
                assert any(each.round == row.round for each in reached), "thanks go only to whom a letter was sent"

    def check_escalation(self, row: Recorded, at: datetime, before: list[Recorded]) -> None:
        """A role is told of a party that was written to and is not done, once in a round; near the date only before it."""
        assert row.party is not None
        assert not self.is_done(row.party, at, full=False)
        to_party = [each for each in before if (each.step, each.party) == (row.step, row.party)]
        assert [each for each in to_party if is_request(each.slot)], "it was never written to"
        if row.slot == "escalation-before-3w":
            assert at.date().isoformat() <= self.deadline(row.party, row.step, at)

    def check_told(self, row: Recorded, at: datetime, same: list[Recorded], earlier: list[Recorded]) -> None:
        """A letter tells the day that holds; a correction goes to whoever was told another one, and to nobody else."""
        if row.slot == "thanks":
            return
        tells = self.outbox.rows[row.key].told
        if row.step != "meeting":
            assert tells == self.deadline(row.party, row.step, at)
        reached = [self.outbox.rows[each.key] for each in same if each.slot != "thanks"]
        if row.slot.startswith("corrected-"):  # contacts at one address are one person
            there = self.address(row.addressee, at).casefold()
            reached = [
                self.outbox.rows[each.key] for each in earlier
                if (each.step, each.party) == (row.step, row.party) and each.slot != "thanks"
                and not is_escalation(each.slot) and self.address(each.addressee, at).casefold() == there
            ]  # fmt: skip
        before = [each.told for each in reached if each.state != State.BOUNCED]
        if row.slot.startswith(("corrected-", "moved-", "cancelled-")):
            assert before, "nobody hears of another day who had heard of none"
            assert before[-1] != tells, "once for each change"

    def deadline(self, party: str | None, step: str, at: datetime) -> str:
        """The day by which a party is asked for something, worked out from the facts alone."""
        given = [fact for fact in self.outbox.facts if fact.live(at)]
        given.sort(key=lambda fact: (fact.true.first, fact.recorded_at, fact.id))
        ends = [fact.value for fact in given if (fact.name, fact.subject.anchor) == ("date", "end")]
        extended = [
            fact for fact in given if (fact.name, fact.subject.party, fact.subject.step) == ("extended_to", party, step)
        ]
        newest = max(extended, key=lambda fact: fact.id, default=None)
        return newest.value if newest else (["2018-06-29", *ends])[-1]

    @invariant()
    def who_knows_another_day_will_be_told(self) -> None:
        """Whoever was told another day than holds now has a correction in the plan, while there is time for it."""
        if not hasattr(self, "outbox") or self.edition[0] % 2 == 0:
            return
        letters = [letter for letter in self.outbox.letters() if letter.slot.startswith("corrected-")]
        has_one = {(letter.party, letter.person) for letter in letters}
        for party in self.outbox.plan.parties:
            for each in told(self.outbox.planner, party, {"ask"}):
                day = date.fromisoformat(self.deadline(party, "ask", self.outbox.now))
                if each.wrong and day > self.outbox.now.date() + timedelta(days=60):
                    assert (party, self.address(each.addressee).casefold()) in has_one, each

    def check_answers(self, row: Recorded, at: datetime) -> None:
        """Nothing but thanks leaves while an answer waits, and nothing to an address that mail came back from."""
        facts = [fact for fact in self.outbox.facts if fact.live(at)]
        answered = [
            fact.value for fact in facts
            if (fact.name, fact.subject.party, fact.subject.step) == ("answered", row.party, row.step)
        ]  # fmt: skip
        assert row.slot == "thanks" or answered[-1:] != ["yes"], "an answer waits"
        if row.addressee in self.addresses:
            said = [fact for fact in facts if fact.subject.contact == row.addressee]
            given = max((fact.id for fact in said if fact.name == "address"), default=0)
            gone = {fact.value.casefold() for fact in said if fact.name == "unreachable" and fact.id > given}
            assert self.address(row.addressee, at).casefold() not in gone, "mail to it comes back"

    def address(self, contact: str, at: datetime | None = None) -> str:
        """A contact's address as last corrected by an instant."""
        given = [
            fact.value
            for fact in self.outbox.facts
            if fact.name == "address" and fact.subject.contact == contact and fact.live(at)
        ]
        return given[-1] if given else self.addresses[contact]

    def check_activation(self, row: Recorded) -> None:
        """G4: nothing is sent for a time before its party was meant, as far as the facts tell."""
        recorded = [fact for fact in self.outbox.facts if fact.recorded_at <= row.due_at]
        assert row.due_at >= self.outbox.applied
        if row.step == "meeting" and row.party:
            assert any(fact.name == "date" and fact.subject.step == "meeting" for fact in recorded), "no day was fixed"
        if row.step == "after" and row.party:
            came = [fact for fact in recorded if fact.name == "attended" and fact.subject.party == row.party]
            assert any(fact.value == "yes" for fact in came), "nobody had come"
            days = [fact.value for fact in recorded if fact.name == "date" and fact.subject.step == "meeting"]
            assert any(
                len(day) == 10 and date.fromisoformat(day) + timedelta(days=14) <= local_day(row.due_at, ZURICH)
                for day in days
            )
        if row.step == "two" and row.party and row.slot != "thanks":
            said = [fact for fact in recorded if fact.name == "status" and fact.subject.party == row.party]
            assert any(fact.value == "candidate" for fact in said)

    def is_done(self, party: str, at: datetime, *, full: bool) -> bool:
        """Whether a report stood at an instant; one recorded for the same day as another takes its place."""
        reports = {
            fact.true: fact
            for fact in self.outbox.facts
            if (fact.name, fact.subject.party) == ("report", party)
            and fact.recorded_at <= at and (fact.retracted_at is None or fact.retracted_at > at)
        }  # fmt: skip
        return any(not full or fact.detail("form") == "full" for fact in reports.values())

    def is_released(self, party: str, at: datetime) -> bool:
        """Whether an exemption or opting out stood at an instant: of one true day the later recording counts."""
        for name in ("exempt", "opted_out"):
            said = {
                fact.true: fact.value
                for fact in self.outbox.facts
                if (fact.name, fact.subject.party) == (name, party)
                and fact.recorded_at <= at and (fact.retracted_at is None or fact.retracted_at > at)
            }  # fmt: skip
            if said and said[max(said, key=lambda true: true.first)] == "yes":
                return True
        return False

    @invariant()
    def rows_are_at_the_addressees_hour(self) -> None:
        """G6."""
        if not hasattr(self, "outbox"):
            return
        for row in self.outbox.rows.values():
            if row.state in UNSENT:
                self.check_hour(row)

    def check_hour(self, row: Recorded) -> None:
        local = row.due_at.astimezone(zone(row.zone))
        assert (local.hour, local.minute) == (9, 0), row.key
        assert GENEVA.day_off(local.date()) is None, row.key


def local_day(at: datetime, zone_name: str) -> date:
    return at.astimezone(zone(zone_name)).date()


PlannedYear.TestCase.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink], suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
TestPlannedYear = PlannedYear.TestCase
