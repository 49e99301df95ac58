"""A camera of another make: GStreamer's RTSP server with a test picture, run by the system's Python, which has its
bindings. ``python gstreamercamera.py PORT [PASSWORD]``; says ``up`` when it serves, and ends with its input.

Its parameter sets stand in the description alone, not in the stream.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

USERNAME = "ground"
PIPELINE = (
    "( videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=15/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast bitrate=200 key-int-max=15 "
    "! video/x-h264,profile=constrained-baseline,stream-format=avc ! rtph264pay name=pay0 pt=97 config-interval=0 )"
)


def _serve(port: str, password: str | None) -> None:
    import gi  # type: ignore[import-not-found]

    for name in ("Gst", "GstRtsp", "GstRtspServer"):
        gi.require_version(name, "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found]

    Gst.init(None)
    factory: Any = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(PIPELINE)
    server: Any = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    server.get_mount_points().add_factory("/main", factory)
    if password is not None:
        role, digest = "viewer", GstRtspServer.RTSPAuth()
        token, may = GstRtspServer.RTSPToken(), GstRtspServer.RTSPPermissions()
        token.set_string("media.factory.role", role)
        may.add_permission_for_role(role, "media.factory.access", True)
        may.add_permission_for_role(role, "media.factory.construct", True)
        factory.set_permissions(may)
        digest.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        digest.add_digest(USERNAME, password, token)
        server.set_auth(digest)
    server.attach(None)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    loop.run()


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
