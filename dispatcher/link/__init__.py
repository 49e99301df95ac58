"""The dispatcher's side of MQTT: what agents say comes in, orders and acknowledgements go out.

Nothing is decided here. What came in is checked and handed to the desk; what goes out is read from the state, which is
a fold of the journal, so that a restart sends exactly what was still to be sent.
"""
