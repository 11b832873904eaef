"""Whatever is done to a file, the loader gives a plan or a list of faults, never a traceback."""

from __future__ import annotations

import contextlib
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.definition import loader
from engine.definition.facts import Subject
from engine.definition.recording.draft import draft
from engine.definition.recording.subjects import RecordingError
from engine.definition.scenario import loader as scenario
from engine.definition.syntax.sources import Loaded, SourceFile, decode
from engine.errors import BadInput
from tests.support import BROKEN, FILES, check_faults

TODAY = date(2018, 6, 1)
WORKFLOW = (BROKEN / "valid.yaml").read_bytes()
SCENARIO = (BROKEN / "valid-scenario.yaml").read_bytes()
VALID = loader.load(decode("valid.yaml", WORKFLOW), lambda name: FILES[name].decode(), {})

PIECES = st.one_of(
    st.binary(max_size=6),
    st.text(max_size=6).map(lambda text: text.encode("utf-8", errors="surrogatepass")),
    st.sampled_from([
        b"\n", b"\t", b": ", b"- ", b"[", b"]", b"{", b"}", b'"', b"'", b",", b"&a ", b"*a", b"!!x ", b"<<: ", b"---\n",
        b"%", b"${", b"${X}", b"${X:-y}", b"\x00", b"\r", b"\xef\xbb\xbf", b"9" * 30, b" + 99999 months", b" or ", b"(",
        b" not ", b"cycle.due", b"settings.half_of", b"cycle: {every: year, due: 02-29, opens: 2 days before}\n", b"\\",
        b"  a: {is: done}\n", b"(" * 300, b"- " * 60, b"not " * 3000, b".a" * 3000, b"|\n", b">-\n",
        "\u2028".encode(), "é".encode(),
    ]),
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """The data with some pieces cut out, put in, or moved elsewhere."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 25)))
        piece = draw(st.one_of(PIECES, st.just(data[end : end + 20])))
        data = data[:start] + piece + data[end:]
    return data


def load(workflow: bytes, files: dict[str, bytes]) -> Loaded | None:
    """The plan, or None when it has faults; each of them can be shown."""
    try:
        return loader.load(decode("valid.yaml", workflow), lambda name: files[name].decode(), {"X": "x"})
    except BadInput as error:
        check_faults(error)
        return None


FEW = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Missing(dict[str, bytes]):
    """Files that may not be there."""

    def __missing__(self, name: str) -> bytes:
        raise FileNotFoundError(name)


@FEW
@given(mutated(WORKFLOW))
def test_a_mutated_workflow(data: bytes) -> None:
    load(data, Missing(FILES))


@FEW
@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_mutated_roster(name: str, data: st.DataObject) -> None:
    load(WORKFLOW, Missing({**FILES, name: data.draw(mutated(FILES[name]))}))


@FEW
@given(mutated(SCENARIO))
def test_a_mutated_scenario(data: bytes) -> None:
    try:
        scenario.load(decode("scenario.yaml", data), VALID.plannable)
    except BadInput as error:
        check_faults(error)


@FEW
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    try:
        loader.load(SourceFile("any.yaml", text), lambda name: text, {})
    except BadInput as error:
        check_faults(error)


@FEW
@given(
    fact=st.one_of(st.sampled_from(["report", "date", "attended", "address", "mood"]), st.text(max_size=8)),
    value=st.one_of(st.sampled_from(["2018-05-01", "2018-05", "yes", "9999-12-31", "0001"]), st.text(max_size=8)),
    party=st.one_of(st.none(), st.sampled_from(["KE", "XX"]), st.text(max_size=5)),
    step=st.one_of(st.none(), st.sampled_from(["meeting", "chase"]), st.text(max_size=5)),
    on=st.one_of(st.none(), st.sampled_from(["2018-05-01"]), st.text(max_size=5)),
)
def test_any_recording(fact: str, value: str, party: str | None, step: str | None, on: str | None) -> None:
    with contextlib.suppress(RecordingError):
        draft(VALID.plannable, fact, value, Subject(party, step), today=TODAY, on=on)
