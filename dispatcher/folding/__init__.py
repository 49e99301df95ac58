"""The fold of the journal, by noun: each module says how its entities follow from their events."""
