"""Attempts to break in, one line each, and what holds against them. Those about one part stand with that part's tests:
links and sessions in test_web_access.py, answers in test_inbound.py, headers in test_mail.py, templates in
test_templates.py, workbooks in test_spreadsheets.py.
"""

from __future__ import annotations

from pathlib import Path

from tests.installation import Installation


def test_state_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        house.apply()
        files = [path for path in (tmp_path / "home").iterdir() if path.is_file()]
        assert {path.name.partition(".db")[2] for path in files} >= {"", "-wal", "-shm"}
        assert {path.name: path.stat().st_mode & 0o077 for path in files} == {path.name: 0 for path in files}
