from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from media.errors import LoginRefused
from media.rtsp.login import Challenge, Login, answer, choose

MUFASA = Login("Mufasa", SecretStr("Circle Of Life"))
MUFASA_7616 = Login("Mufasa", SecretStr("Circle of Life"))


def test_the_example_of_rfc_2617_is_answered_as_it_says() -> None:
    nonces = 'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    offered = f'Digest realm="testrealm@host.com", qop="auth,auth-int", {nonces}'
    challenge = choose([offered], encrypted=False)
    said = answer(challenge, MUFASA, method="GET", uri="/dir/index.html", cnonce="0a4f113b", count=1)
    assert 'response="6629fae49393a05397450978507c4ef1"' in said
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in said


def test_the_example_of_rfc_7616_with_sha_256_is_preferred_and_answered_as_it_says() -> None:
    rest = 'realm="http-auth@example.org", qop="auth", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"'
    challenge = choose([f"Digest {rest}, algorithm=MD5", f"Digest {rest}, algorithm=SHA-256"], encrypted=False)
    cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    said = answer(challenge, MUFASA_7616, method="GET", uri="/dir/index.html", cnonce=cnonce, count=1)
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in said
    assert "algorithm=SHA-256" in said


def test_without_qop_it_is_answered_as_cameras_of_before_want_it() -> None:
    challenge = choose(['Digest realm="r", nonce="n"'], encrypted=False)
    said = answer(challenge, Login("u", SecretStr("p")), method="DESCRIBE", uri="rtsp://h/", cnonce="c", count=1)
    assert "qop" not in said
    assert "cnonce" not in said


@pytest.mark.parametrize(
    "offered", [["Basic realm=x"], ["Bearer"], [], ['Digest realm="r"'], ['Digest nonce="n", qop="auth-int"']]
)
def test_the_password_is_not_said_in_the_clear_nor_to_what_is_not_known(offered: list[str]) -> None:
    with pytest.raises(LoginRefused):
        choose(offered, encrypted=False)


def test_within_an_encrypted_connection_basic_will_do_and_digest_is_liked_better() -> None:
    basic = choose(["Basic realm=x"], encrypted=True)
    assert answer(basic, Login("u", SecretStr("p")), method="X", uri="y", cnonce="", count=1) == "Basic dTpw"
    assert choose(["Basic realm=x", 'Digest realm="r", nonce="n"'], encrypted=True).scheme == "digest"


@given(st.text(max_size=300))
def test_no_challenge_whatever_gets_a_second_line_into_our_request(said: str) -> None:
    try:
        challenge = choose([f"Digest {said}"], encrypted=False)
    except LoginRefused:
        return
    assert isinstance(challenge, Challenge)
    assert challenge.nonce.isascii()


def test_a_password_is_in_no_text_of_a_login() -> None:
    assert "Circle" not in repr(MUFASA) + str(MUFASA)
