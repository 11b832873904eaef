"""An installed wheel carries the templates, workflows and schema that it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT

pytestmark = pytest.mark.slow


def test_the_wheel_checks_its_own_workflows_from_anywhere(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
    script = "import engine, engine.cli; assert 'site' in engine.__file__, engine.__file__; engine.cli.main()"
    run = subprocess.run(
        [sys.executable, "-c", script, "check"], cwd=elsewhere, env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "ccm-nim-2018: 9 steps, 132 parties" in run.stdout
    assert "article7-annual" in run.stdout
    assert (site / "engine" / "definition" / "workflow.schema.json").is_file()
