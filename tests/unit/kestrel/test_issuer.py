"""The local issuer: what its tokens say, who gets one, and where it refuses to serve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest

from kestrel.clock import VirtualClock
from kestrel.errors import FileError, WrongUsage
from kestrel.issuer import issuer_app, load_or_make_secret, require_loopback
from kestrel.tokens import ALGORITHM, AUDIENCE, Role, TokenKey

ISSUER = "http://127.0.0.1:20001"
ASKED = {"sub": "pilot-1", "roles": ["pilot"], "force": "coventry"}


@pytest.fixture
def key(tmp_path: Path) -> TokenKey:
    return TokenKey.load_or_make(tmp_path / "issuer.pem")


def client(key: TokenKey) -> httpx.AsyncClient:
    clock = VirtualClock(start=datetime.now(UTC))
    app = issuer_app(key=key, secret=the_secret(), issuer=ISSUER, clock=clock)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ISSUER)


def the_secret() -> str:
    return "only-in-a-file"


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_a_token_verifies_against_the_published_key_set(key: TokenKey) -> None:
    async with client(key) as http:
        answer = (await http.post("/token", json=ASKED, headers=bearer(the_secret()))).json()
        jwks = jwt.PyJWKSet.from_dict((await http.get("/.well-known/jwks.json")).json())
    header = jwt.get_unverified_header(answer["access_token"])
    claims = jwt.decode(
        answer["access_token"], jwks[header["kid"]].key, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER
    )
    assert claims["sub"] == "pilot-1"
    assert claims["roles"] == ["pilot"]
    assert claims["force"] == "coventry"
    assert claims["exp"] - claims["iat"] == 12 * 3600 == answer["expires_in"]


async def test_the_key_set_holds_no_private_part(key: TokenKey) -> None:
    async with client(key) as http:
        (published,) = (await http.get("/.well-known/jwks.json")).json()["keys"]
    assert set(published) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


@pytest.mark.parametrize("headers", [{}, bearer("guess"), bearer("")])
async def test_nobody_gets_a_token_without_the_secret(key: TokenKey, headers: dict[str, str]) -> None:
    async with client(key) as http:
        answer = await http.post("/token", json=ASKED, headers=headers)
    assert answer.status_code == 401
    assert "access_token" not in answer.text


@pytest.mark.parametrize(
    ("asked", "status", "names"),
    [
        (ASKED | {"roles": ["admin"]}, 422, "roles.0"),
        (ASKED | {"roles": []}, 422, "roles"),
        (ASKED | {"sub": "Robert'); --"}, 422, "sub"),
        (ASKED | {"lifetime_s": 10**9}, 422, "lifetime_s"),
        (ASKED | {"sub": "x" * 5000}, 413, "bytes"),
    ],
)
async def test_a_request_that_makes_no_sense_names_its_field(
    key: TokenKey, asked: dict[str, object], status: int, names: str
) -> None:
    async with client(key) as http:
        answer = await http.post("/token", json=asked, headers=bearer(the_secret()))
    assert answer.status_code == status
    assert names in answer.json()["title"]


def test_the_key_is_the_same_after_a_restart(tmp_path: Path, key: TokenKey) -> None:
    assert TokenKey.load_or_make(tmp_path / "issuer.pem").jwks() == key.jwks()


def test_an_expired_token_does_not_verify(key: TokenKey) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    token = key.mint(issuer=ISSUER, subject="pilot-1", roles=[Role.PILOT], force="coventry", now=long_ago)
    jwks = jwt.PyJWKSet.from_dict(key.jwks())
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(token, jwks[key.key_id].key, algorithms=[ALGORITHM], audience=AUDIENCE)


def test_key_and_secret_that_others_may_read_are_refused(tmp_path: Path, key: TokenKey) -> None:
    assert (tmp_path / "issuer.pem").stat().st_mode & 0o777 == 0o600
    (tmp_path / "issuer.pem").chmod(0o644)
    with pytest.raises(FileError, match="chmod 600"):
        TokenKey.load_or_make(tmp_path / "issuer.pem")
    secret = load_or_make_secret(tmp_path / "secret")
    assert load_or_make_secret(tmp_path / "secret") == secret
    (tmp_path / "secret").chmod(0o640)
    with pytest.raises(FileError, match="chmod 600"):
        load_or_make_secret(tmp_path / "secret")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "kestrel.example"])  # noqa: S104 - it is refused
def test_only_the_loopback_interface_is_served(host: str) -> None:
    with pytest.raises(WrongUsage, match="loopback"):
        require_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_addresses_are_served(host: str) -> None:
    require_loopback(host)
