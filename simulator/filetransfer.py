"""MAVLink FTP with nothing to fetch: PX4 says that it speaks it, so every request is answered, though no file is there.

Without an answer clients that try it first (parameters by FTP, component metadata) wait for their time-outs.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

from pymavlink.dialects.v20 import development as mav

_HEADER = Struct("<HBBBBBxI")
"""Sequence, session, operation, size of the data, operation answered, end of a burst, offset."""
_LENGTH = 251
_ACK, _NAK = 128, 129
_TERMINATE, _RESET, _LIST = 1, 2, 3
_END_OF_FILE, _NOT_FOUND = 6, 10


def answer(request: Any, sender: tuple[int, int]) -> Any:
    """FILE_TRANSFER_PROTOCOL: sessions end at will, directories are empty, files are not found."""
    payload = bytes(request.payload).ljust(_LENGTH, b"\0")
    sequence, session, operation, *_ = _HEADER.unpack_from(payload)
    head = ((sequence + 1) & 0xFFFF, session)
    if operation in (_TERMINATE, _RESET):
        told = _HEADER.pack(*head, _ACK, 0, operation, 0, 0)
    else:
        error = _END_OF_FILE if operation == _LIST else _NOT_FOUND
        told = _HEADER.pack(*head, _NAK, 1, operation, 0, 0) + bytes((error,))
    return mav.MAVLink_file_transfer_protocol_message(0, *sender, list(told.ljust(_LENGTH, b"\0")))
