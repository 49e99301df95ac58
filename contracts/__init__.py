"""The wire between Kestrel's processes: versioned messages, their signed envelope, the MQTT topics, the fleet file.

Nothing here does I/O. A field added is a minor change; a field removed or re-read is a new version of its message.
"""
