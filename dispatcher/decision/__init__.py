"""Which dock, and why not the others: a pure function from facts to a decision.

Nothing in here looks at a clock, a database or the network. Whoever decides gathers the facts with their ages, and the
facts travel with the decision, so that the record can be decided again and must come to the same bytes.
"""
