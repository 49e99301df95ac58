"""How a camera is told who asks: digest authentication (RFC 7616, and RFC 2617 for those of before); basic where the
connection is encrypted, and nowhere else, because it says the password.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import SecretStr

from media.errors import LoginRefused

_PARAMETER = re.compile(r'([A-Za-z0-9-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_MAX_CHARS = 512
_HASHES = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""In the order in which we like them."""


@dataclass(frozen=True, slots=True)
class Login:
    """Of one camera. The password is shown nowhere."""

    username: str
    password: SecretStr


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a camera wants to have proved."""

    scheme: str
    realm: str = ""
    nonce: str = ""
    algorithm: str = "MD5"
    qop: str = ""
    opaque: str = ""
    stale: bool = False


def choose(headers: Iterable[str], *, encrypted: bool) -> Challenge:
    """The best of the ``WWW-Authenticate`` headers that we can answer. Raises `LoginRefused`."""
    known = [challenge for challenge in map(_challenge, headers) if challenge is not None]
    for algorithm in _HASHES:
        for challenge in known:
            if challenge.scheme == "digest" and challenge.algorithm == algorithm:
                return challenge
    for challenge in known:
        if challenge.scheme == "basic" and encrypted:
            return challenge
    if any(challenge.scheme == "basic" for challenge in known):
        raise LoginRefused("it wants the password in the clear: that is sent by rtsps:// alone")
    raise LoginRefused("it wants a login of a kind that is not known here")


def answer(challenge: Challenge, login: Login, *, method: str, uri: str, cnonce: str, count: int) -> str:
    """The ``Authorization`` header of a request."""
    password = login.password.get_secret_value()
    if challenge.scheme == "basic":
        pair = f"{login.username}:{password}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"

    def digest(text: str) -> str:
        return _HASHES[challenge.algorithm](text.encode(), usedforsecurity=False).hexdigest()

    secret = digest(f"{login.username}:{challenge.realm}:{password}")
    asked = digest(f"{method}:{uri}")
    parts = [
        f'username="{login.username}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{uri}"',
    ]
    if challenge.qop:
        times = f"{count:08x}"
        parts.append(f'response="{digest(f"{secret}:{challenge.nonce}:{times}:{cnonce}:auth:{asked}")}"')
        parts += ["qop=auth", f"nc={times}", f'cnonce="{cnonce}"']
    else:
        parts.append(f'response="{digest(f"{secret}:{challenge.nonce}:{asked}")}"')
    if challenge.algorithm != "MD5":
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.opaque:
        parts.append(f'opaque="{challenge.opaque}"')
    return "Digest " + ", ".join(parts)


def _challenge(header: str) -> Challenge | None:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "basic":
        return Challenge("basic")
    if scheme.lower() != "digest":
        return None
    said = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
    qops = [each.strip() for each in said.get("qop", "").split(",") if each.strip()]
    texts = [said.get(name, "") for name in ("realm", "nonce", "opaque")]
    if not texts[1] or any(len(text) > _MAX_CHARS or not text.isascii() for text in texts):
        return None
    if qops and "auth" not in qops:
        return None
    return Challenge(
        "digest",
        realm=texts[0],
        nonce=texts[1],
        opaque=texts[2],
        algorithm=said.get("algorithm", "MD5").upper(),
        qop="auth" if qops else "",
        stale=said.get("stale", "").lower() == "true",
    )
