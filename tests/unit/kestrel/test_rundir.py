"""The run folder: it deletes only what is its own, one run at a time uses it, and secrets are the owner's alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contracts.signing import TrustFile
from kestrel.errors import WrongUsage
from kestrel.keyfile import read_private_key, read_trust
from kestrel.ports import FreePorts
from kestrel.processes import MEDIA, Addresses, plan_processes
from kestrel.rundir import RunDir, make_keys, with_free_ports

DOCKS = ["cov-1", "cov-2"]


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(WrongUsage, match="holds other things"), RunDir(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_only_our_own_things_are_removed_at_the_next_start(tmp_path: Path) -> None:
    with RunDir(tmp_path / "run") as run:
        run.prepare(keep=False, speed=1.0)
        run.journal_file.write_text("old")
        (run.root / "notes.txt").write_text("somebody's")
    with RunDir(tmp_path / "run") as run:
        run.prepare(keep=False, speed=1.0)
        assert not run.journal_file.exists()
        assert (run.root / "notes.txt").read_text() == "somebody's"


def test_two_runs_cannot_share_a_folder(tmp_path: Path) -> None:
    with (
        RunDir(tmp_path / "run"),
        pytest.raises(WrongUsage, match="another run uses"),
        RunDir(tmp_path / "run"),
    ):
        pass
    with RunDir(tmp_path / "run"):
        pass


def test_a_kept_run_goes_on_with_journal_keys_and_mission_time(tmp_path: Path) -> None:
    with RunDir(tmp_path / "run") as run:
        first = run.prepare(keep=False, speed=5.0)
        run.make_keys(force="coventry", dock_ids=DOCKS)
        run.journal_file.write_text("journal")
        key = run.key_file("cov-1").read_text()
    with RunDir(tmp_path / "run") as run:
        assert run.prepare(keep=True, speed=5.0) == first
        run.make_keys(force="coventry", dock_ids=DOCKS)
        assert run.journal_file.read_text() == "journal"
        assert run.key_file("cov-1").read_text() == key


def test_a_kept_run_refuses_another_speed_and_another_fleet(tmp_path: Path) -> None:
    with RunDir(tmp_path / "run") as run:
        run.prepare(keep=False, speed=5.0)
        run.make_keys(force="coventry", dock_ids=DOCKS)
        with pytest.raises(WrongUsage, match="speed 5"):
            run.prepare(keep=True, speed=1.0)
        with pytest.raises(WrongUsage, match="another fleet"):
            run.make_keys(force="coventry", dock_ids=["cov-9"])


def test_keys_fit_the_trust_file_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    with RunDir(tmp_path / "run") as run:
        run.prepare(keep=False, speed=1.0)
        run.make_keys(force="coventry", dock_ids=DOCKS)
        trust = TrustFile.model_validate_json(run.trust_file.read_bytes())
        assert [key.holder for key in trust.keys] == ["dispatcher", *DOCKS]
        keyring = read_trust(run.trust_file)
        for holder in ("dispatcher", *DOCKS):
            assert run.key_file(holder).stat().st_mode & 0o777 == 0o600
            key = read_private_key(run.key_file(holder))
            keyring.verify(
                key_id=key.key_id, force="coventry", holder=holder, message=b"order", signature=key.sign(b"order")
            )


def test_secrets_are_written_for_the_owner_alone_and_replaced_whole(tmp_path: Path) -> None:
    with RunDir(tmp_path / "run") as run:
        run.prepare(keep=False, speed=1.0)
        run.write_secret("tokens.json", json.dumps({"a": 1}))
        path = run.write_secret("tokens.json", "{}")
        assert path.read_text() == "{}"
        assert path.stat().st_mode & 0o777 == 0o600


FLEET: dict[str, Any] = {
    "docks": [
        {"id": "a", "links": {"mavlink_url": "udpin://127.0.0.1:1", "modbus": "127.0.0.1:1"}},
        {"id": "b", "links": {"mavlink_url": "udpin://127.0.0.1:2", "modbus": "127.0.0.1:2"}},
    ]
}


def test_every_simulated_place_gets_ports_of_its_own_that_agree() -> None:
    scenario = {
        "docks": [
            {
                "id": name,
                "modbus": "127.0.0.1:1",
                "camera": "127.0.0.1:2",
                "aircraft": {"id": name, "mavlink": {"bind": "x", "send_to": "y"}},
            }
            for name in ("a", "b")
        ]
    }
    with FreePorts() as ports:
        fleet, boxes = with_free_ports(FLEET, scenario, ports)
    assert boxes is not None
    numbers = set()
    for dock, box in zip(fleet["docks"], boxes["docks"], strict=True):
        mavlink = box["aircraft"]["mavlink"]
        assert dock["links"]["mavlink_url"] == f"udpin://{mavlink['send_to']}"
        assert dock["links"]["modbus"] == box["modbus"]
        assert dock["links"]["camera"] == box["camera"]
        numbers |= {mavlink["send_to"], mavlink["bind"], box["modbus"], box["camera"]}
    assert len(numbers) == 8
    assert FLEET["docks"][0]["links"]["modbus"] == "127.0.0.1:1", "the input is not changed"


def test_a_real_px4_keeps_its_address_and_docks_outside_the_scenario_keep_theirs() -> None:
    scenario = {
        "docks": [{"id": "a", "modbus": "127.0.0.1:1", "aircraft": {"id": "a", "px4": {"observe": "127.0.0.1:14550"}}}]
    }
    with FreePorts() as ports:
        fleet, boxes = with_free_ports(FLEET, scenario, ports)
    assert fleet["docks"][0]["links"]["mavlink_url"] == "udpin://127.0.0.1:1"
    assert fleet["docks"][1] == FLEET["docks"][1]
    assert boxes is not None
    assert boxes["docks"][0]["aircraft"] == scenario["docks"][0]["aircraft"]


def test_keys_are_added_for_a_new_dock_and_the_others_stay(tmp_path: Path) -> None:
    trust, folder = tmp_path / "trust.json", tmp_path / "keys"
    assert make_keys(folder=folder, trust_file=trust, force="coventry", dock_ids=["cov-1"]) == ["dispatcher", "cov-1"]
    before = TrustFile.model_validate_json(trust.read_bytes()).keys
    assert make_keys(folder=folder, trust_file=trust, force="coventry", dock_ids=["cov-1", "cov-2"]) == ["cov-2"]
    after = TrustFile.model_validate_json(trust.read_bytes()).keys
    assert after[:2] == before
    assert [key.holder for key in after] == ["dispatcher", "cov-1", "cov-2"]
    assert make_keys(folder=folder, trust_file=trust, force="coventry", dock_ids=["cov-1", "cov-2"]) == []


def filmed(video: str) -> dict[str, Any]:
    """The scenario of one dock whose aircraft has a camera."""
    box = {
        "id": "cov-1",
        "modbus": "127.0.0.1:1",
        "aircraft": {"id": "K1", "mavlink": {"bind": "127.0.0.1:2", "send_to": "127.0.0.1:3"}, "video": video},
    }
    return {"docks": [box]}


def test_video_arrives_where_it_is_sent_and_only_when_it_is_wanted() -> None:
    fleet = {"docks": [{"id": "cov-1", "links": {"video": "rtp://127.0.0.1:15041"}}]}
    with FreePorts() as ports:
        wanted, sent = with_free_ports(fleet, filmed("rtp://127.0.0.1:15041"), ports, video=True)
        without, still = with_free_ports(fleet, filmed("rtp://127.0.0.1:15041"), ports)
        named, kept = with_free_ports(fleet, filmed("rtsp://127.0.0.1:8554/k1"), ports, video=True)
    assert sent is not None
    assert still is not None
    assert kept is not None
    address = wanted["docks"][0]["links"]["video"]
    assert address == sent["docks"][0]["aircraft"]["video"]
    assert address not in ("", "rtp://127.0.0.1:15041")
    assert (without["docks"][0]["links"]["video"], still["docks"][0]["aircraft"]["video"]) == (None, "")
    served = kept["docks"][0]["aircraft"]["video"]
    assert served == named["docks"][0]["links"]["video"]
    assert served.startswith("rtsp://127.0.0.1:")
    assert served.endswith("/k1")
    assert served != "rtsp://127.0.0.1:8554/k1"


def test_with_video_a_media_process_is_planned_and_the_dispatcher_says_where_it_is(tmp_path: Path) -> None:
    addresses = Addresses(
        broker_host="127.0.0.1", broker_port=1, own_broker=True, issuer_port=2, http_port=3, media_port=4
    )
    with RunDir(tmp_path / "run") as run:
        mission = run.prepare(keep=False, speed=1.0)
        specs = {
            with_video: {
                spec.name: spec
                for spec in plan_processes(run=run, addresses=each, mission=mission, dock_ids=["cov-1"], passwords={})
            }
            for with_video, each in ((True, addresses), (False, replace(addresses, media_port=None)))
        }
    media = specs[True][MEDIA]
    assert media.argv[-1] == "media"
    assert media.after == frozenset()  # it waits for nobody: it goes on while others restart
    assert media.env["KESTREL_API_URL"] == "http://127.0.0.1:3"
    assert specs[True]["dispatcher"].env["KESTREL_VIDEO_URL"] == "http://127.0.0.1:4"
    assert MEDIA not in specs[False]
    assert "KESTREL_VIDEO_URL" not in specs[False]["dispatcher"].env
