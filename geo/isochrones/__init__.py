"""Where a dock's drone can be by when, around zones: the ways that `geo.routing` finds, for all targets at once.

A dock sees as far as walls let it; behind them, places are reached by way of corners, each of which sees on from there.
Corners and what they see are worked out once for all docks; a dock asks only how soon it is at each of them.
"""
