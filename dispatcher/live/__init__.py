"""The live view: what is so now, pushed to every screen at most once a tick."""
