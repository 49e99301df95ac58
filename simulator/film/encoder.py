"""H.264 as small drones send it: constrained baseline, no B-frames, a keyframe each second that brings its SPS and
PPS."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction

import av
from av.video.frame import PictureType

CLOCK_HZ = 90_000
"""Of RTP timestamps of H.264 (RFC 6184, section 8.1)."""
KEYFRAME_EACH_S = 1
_EARLY = CLOCK_HZ // 60
"""A picture that comes a moment before its second is over begins the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How large, how often, how many bits."""

    width: int
    height: int
    frames_s: int
    bits_s: int


HD = Quality(width=1280, height=720, frames_s=30, bits_s=2_000_000)
SMALL = Quality(width=640, height=360, frames_s=10, bits_s=400_000)


class Encoder:
    """libx264 without any delay of its own; one thread, one slice. Keyframes come by time, however few pictures do."""

    def __init__(self, quality: Quality) -> None:
        logging.getLogger("libav").setLevel(logging.ERROR)
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = quality.width, quality.height, "yuv420p"
        context.framerate = Fraction(quality.frames_s)
        context.time_base = Fraction(1, CLOCK_HZ)
        context.bit_rate = quality.bits_s
        context.max_b_frames = 0
        context.thread_count = 1
        kilobits = quality.bits_s // 1000
        # A keyframe may be as large as half a second's bits: one that fits the link is there sooner.
        context.options = {
            "preset": "superfast",
            "tune": "zerolatency",
            "profile": "baseline",
            "level": "3.1",
            "forced-idr": "1",
            "x264-params": f"keyint=infinite:scenecut=0:bframes=0:"
            f"repeat-headers=1:annexb=1:sliced-threads=0:vbv-maxrate={kilobits}:vbv-bufsize={kilobits // 2}",
        }
        self._context = context
        self._next_key = 0

    def encode(self, frame: av.VideoFrame, *, timestamp: int) -> bytes:
        """The access unit in Annex B form; ``timestamp`` counts 90 kHz and only grows."""
        frame.pts, frame.time_base = timestamp, Fraction(1, CLOCK_HZ)
        if timestamp >= self._next_key:
            frame.pict_type = PictureType.I
            self._next_key = timestamp + KEYFRAME_EACH_S * CLOCK_HZ - _EARLY
        return b"".join(bytes(packet) for packet in self._context.encode(frame))
