"""The errors of security.

DispatcherError
├── NotAuthenticated    no token, or one that is not believed; says which check failed, never what the token held
└── KeysUnavailable     the issuer's keys cannot be had, so that no token can be checked
"""

from __future__ import annotations

from dispatcher.errors import DispatcherError


class NotAuthenticated(DispatcherError):
    """No token, or one that is not believed."""

    status = 401
    slug = "not-authenticated"
    title = "A valid token is needed"


class KeysUnavailable(DispatcherError):
    """The issuer's keys cannot be had at the moment; nobody new can be let in."""

    status = 503
    slug = "keys-unavailable"
    title = "Tokens cannot be checked at the moment"
