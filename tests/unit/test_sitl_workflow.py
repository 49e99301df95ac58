"""The workflow that flies a real PX4 starts it where the tests' dock stands, and tells the tests where it is."""

from __future__ import annotations

import yaml

from tests.flight.rig import HOME, HOME_ALT_AMSL_M, ROOT


def test_the_workflow_s_px4_stands_at_the_tests_home_and_is_found_by_them() -> None:
    job = yaml.safe_load((ROOT / ".github/workflows/sitl.yml").read_text())["jobs"]["fly"]
    steps = {step["name"]: step for step in job["steps"] if "name" in step}
    home = {"PX4_HOME_LAT": HOME[0], "PX4_HOME_LON": HOME[1], "PX4_HOME_ALT": HOME_ALT_AMSL_M}
    assert {name: float(job["env"][name]) for name in home} == home
    start = steps["start PX4"]["run"]
    assert "--network host" in start
    for name in home:
        assert f"--env {name}" in start
    assert steps["fly"]["env"] == {"KESTREL_PX4_URL": "udpin://127.0.0.1:14540", "KESTREL_PX4_SYSTEM_ID": "1"}
    assert "14550" in steps["nobody else listens where PX4 sends"]["run"]
