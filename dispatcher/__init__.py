"""The dispatcher: incidents, the decision, flights, the fleet, the journal, the live hub, the public API.

It decides and records. It never speaks MAVLink.
"""
