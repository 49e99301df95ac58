"""The dock agent: one process, one dock, one drone. Executes signed flight orders and guards the dock's own limits.

It needs nobody once a flight is ordered: dispatcher, broker and the agent itself may go away, and the flight goes on.
"""
