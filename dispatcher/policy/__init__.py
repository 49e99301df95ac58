"""What the force wants of every flight: the policy file, what it makes of an incident, and what desks take from it."""

from __future__ import annotations

from dispatcher.policy.document import Launch, PolicyDocument, WarningRules
from dispatcher.policy.flying import FlyingPolicy
from dispatcher.policy.stance import PolicyInForce, Ruling, Stance, stance_of

__all__ = ["FlyingPolicy", "Launch", "PolicyDocument", "PolicyInForce", "Ruling", "Stance", "WarningRules", "stance_of"]
