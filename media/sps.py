"""What an H.264 sequence parameter set says of the picture (ITU-T H.264, 7.3.2.1.1): codec string, width, height."""

from __future__ import annotations

from dataclasses import dataclass

from media.errors import NotH264

MAX_SPS_BYTES = 512
MAX_SIDE = 8192
_HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}


@dataclass(frozen=True, slots=True)
class Format:
    """How the pictures of a stream are coded. ``codec`` is as RFC 6381 names it."""

    sps: bytes
    pps: bytes
    codec: str
    width: int
    height: int


class _Bits:
    """Reads bits and Exp-Golomb codes (clause 9.1); raises `NotH264` past the end."""

    def __init__(self, raw: bytes) -> None:
        self._value = int.from_bytes(raw, "big")
        self._left = len(raw) * 8

    def take(self, count: int) -> int:
        if count > self._left:
            raise NotH264("a parameter set that ends too early")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        zeros = 0
        while self.take(1) == 0:
            zeros += 1
            if zeros > 31:
                raise NotH264("a number that is too large in a parameter set")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def read_format(sps: bytes, pps: bytes) -> Format:
    """The format that these NAL units (with their headers) describe. Raises `NotH264`."""
    if not 5 <= len(sps) <= MAX_SPS_BYTES or not 2 <= len(pps) <= MAX_SPS_BYTES:
        raise NotH264("a parameter set of a wrong size")
    bits = _Bits(sps[1:].replace(b"\0\0\3", b"\0\0"))
    profile, constraints, level = bits.take(8), bits.take(8), bits.take(8)
    bits.unsigned()  # seq_parameter_set_id
    chroma = 1
    if profile in _HIGH_PROFILES:
        chroma = _high(bits)
    bits.unsigned()  # log2_max_frame_num_minus4
    order = bits.unsigned()
    if order == 0:
        bits.unsigned()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()
    bits.unsigned()  # max_num_ref_frames
    bits.take(1)
    width = (bits.unsigned() + 1) * 16
    units = bits.unsigned() + 1
    frames_only = bits.take(1)
    height = units * 16 * (2 - frames_only)
    if not frames_only:
        bits.take(1)
    bits.take(1)  # direct_8x8_inference_flag
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        across = 2 if chroma in (1, 2) else 1
        down = (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= (left + right) * across
        height -= (top + bottom) * down
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise NotH264("a picture of an impossible size")
    return Format(sps=sps, pps=pps, codec=f"avc1.{profile:02x}{constraints:02x}{level:02x}", width=width, height=height)


def _high(bits: _Bits) -> int:
    """What the high profiles say more; returns chroma_format_idc."""
    chroma = bits.unsigned()
    if chroma == 3:
        bits.take(1)
    bits.unsigned()
    bits.unsigned()
    bits.take(1)
    if bits.take(1):
        for number in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if number < 6 else 64)
    return chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last
