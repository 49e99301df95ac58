"""The desk by its concerns: each module holds what may be asked of one, over the one writer of the journal."""
