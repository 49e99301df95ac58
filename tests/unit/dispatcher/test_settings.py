"""The dispatcher's settings: what is wrong is said, and secrets are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dispatcher.settings import DispatcherSettings
from kestrel.errors import WrongUsage

NEEDED = {
    "KESTREL_FLEET_FILE": "fleet.yaml",
    "KESTREL_KEY_FILE": "key.json",
    "KESTREL_TRUST_FILE": "trust.json",
    "KESTREL_JWKS_FILE": "jwks.json",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The settings that have no default, and no others."""
    for name in [name for name in os.environ if name.startswith("KESTREL_")]:
        monkeypatch.delenv(name)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_what_has_no_default_is_enough(environment: pytest.MonkeyPatch) -> None:
    read = DispatcherSettings.read()
    assert read.fleet_file == Path("fleet.yaml")
    assert read.http_host == "127.0.0.1"
    assert read.policy_file is None


@pytest.mark.parametrize("change", [{"KESTREL_JWKS_FILE": None}, {"KESTREL_JWKS_URL": "https://issuer.example/jwks"}])
def test_keys_come_from_exactly_one_place(environment: pytest.MonkeyPatch, change: dict[str, str | None]) -> None:
    for name, value in change.items():
        if value is None:
            environment.delenv(name)
        else:
            environment.setenv(name, value)
    with pytest.raises(WrongUsage, match="KESTREL_JWKS_URL and KESTREL_JWKS_FILE"):
        DispatcherSettings.read()


def test_every_fault_is_told_with_the_variable_to_set_and_without_its_value(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("KESTREL_FLEET_FILE")
    environment.setenv("KESTREL_HTTP_PORT", "secret-port")
    with pytest.raises(WrongUsage) as refused:
        DispatcherSettings.read()
    assert "KESTREL_FLEET_FILE: is missing: set it" in str(refused.value)
    assert "KESTREL_HTTP_PORT: " in str(refused.value)
    assert "secret-port" not in str(refused.value)


def test_passwords_stand_in_no_representation(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KESTREL_DATABASE_URL", "postgresql://kestrel:secret-1@db.example/journal")
    environment.setenv("KESTREL_MQTT_PASSWORD", "secret-2")
    read = DispatcherSettings.read()
    assert "secret-" not in repr(read) + str(read)
    assert read.broker().password == os.environ["KESTREL_MQTT_PASSWORD"]


def test_the_command_line_goes_before_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KESTREL_HTTP_PORT", "8081")
    assert DispatcherSettings.read(http_port=8082, http_host=None).http_port == 8082
