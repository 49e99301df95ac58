"""What all parts of the scenario file share: addresses, names, and that an unknown field is an error."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _host_and_port(text: str) -> str:
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must be HOST:PORT with a port of 1 to 65535, like 127.0.0.1:14580")
    return text


def _whole_bytes(text: str) -> str:
    try:
        raw = bytes.fromhex(text)
    except ValueError as problem:
        raise ValueError("must be hexadecimal digits, two for each byte") from problem
    if not 8 <= len(raw) <= 18:
        raise ValueError("must be 8 to 18 bytes (16 to 36 hexadecimal digits)")
    return text.lower()


HostPort = Annotated[str, AfterValidator(_host_and_port)]
Uid = Annotated[str, AfterValidator(_whole_bytes)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]


def split_host_port(address: str) -> tuple[str, int]:
    """Take ``HOST:PORT`` (already checked) apart."""
    host, _, port = address.rpartition(":")
    return host, int(port)


class Part(BaseModel):
    """Base of every part."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
