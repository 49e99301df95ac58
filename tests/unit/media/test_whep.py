from __future__ import annotations

from media.whep import without_names


def test_a_name_of_multicast_dns_gives_way_to_where_the_offer_came_from_and_an_address_stays() -> None:
    hidden = "a=candidate:1 1 udp 2122260223 4b8b1b1c-77e8-41a5-a0ab-0e1a3c7e9d41.local 51820 typ host generation 0"
    plain = "a=candidate:2 1 udp 2122260223 192.0.2.7 51821 typ host"
    offer = f"v=0\r\n{hidden}\r\n{plain}\r\n"
    told = without_names(offer, "198.51.100.4")
    assert ".local" not in told
    assert "a=candidate:1 1 udp 2122260223 198.51.100.4 51820 typ host generation 0\r\n" in told
    assert f"{plain}\r\n" in told
