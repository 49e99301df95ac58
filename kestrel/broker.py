"""The embedded MQTT broker, in a process of its own: what one machine needs to fly a simulated city.

In production Mosquitto, or any MQTT 3.1.1 cluster, takes its place by configuration: see docs/how-to/mosquitto.md.
It listens on the loopback interface alone, lets nobody in without a name and password, and holds all to their topics.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
from amqtt.errors import AMQTTError

from kestrel.amqttfaults import SteadyBroker
from kestrel.brokeraccess import read_accounts
from kestrel.errors import KestrelError
from kestrel.ports import LOOPBACK
from kestrel.readiness import announce_ready
from kestrel.stopping import until_asked_to_stop

log = logging.getLogger(__name__)

SESSION_EXPIRY_S = 24 * 3600
STOP_WITHIN_S = 3.0
PLUGINS = ("kestrel.brokeraccess.AccountAuth", "kestrel.brokeraccess.AccountTopics")


def broker_config(*, port: int, accounts_file: Path) -> BrokerConfig:
    """How `amqtt` is told to serve."""
    return BrokerConfig(
        listeners={"default": ListenerConfig(type=ListenerType.TCP, bind=f"{LOOPBACK}:{port}")},
        session_expiry_interval=SESSION_EXPIRY_S,
        plugins={plugin: {"accounts_file": str(accounts_file)} for plugin in PLUGINS},
    )


async def serve_broker(*, port: int, accounts_file: Path, ready_file: Path | None) -> None:
    """Serve until SIGTERM or SIGINT. Raises `KestrelError` when it cannot start."""
    users = read_accounts(accounts_file)
    broker = SteadyBroker(broker_config(port=port, accounts_file=accounts_file))
    try:
        await broker.start()
    except AMQTTError as error:
        raise KestrelError(f"the broker cannot listen on {LOOPBACK}:{port}: {error.__cause__ or error}") from None
    log.info("broker listens", extra={"host": LOOPBACK, "port": port, "users": len(users)})
    announce_ready(ready_file, {"host": LOOPBACK, "port": port})
    try:
        await until_asked_to_stop()
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(broker.shutdown(), STOP_WITHIN_S)
