"""Many PX4-like multicopters on MAVLink/UDP and their docks on Modbus TCP, from one scenario file.

It speaks only the protocols of the real things, so that nothing in the product knows that it is simulated. Its physics
is its own: what the product promises and what is flown here are two opinions.
"""
