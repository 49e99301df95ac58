"""Whole systems on one virtual clock: the dispatcher's desk and the agents' phase machines, with drones between them.

Nothing waits for a wall clock here: ninety minutes pass in seconds. What is simple is the air between them (orders and
events are handed over in memory, as often as the real links would) and the drones (points that fly straight and draw
the power of their type); everything that decides is the product.
"""
