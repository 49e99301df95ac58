"""Who is asking, and what they may: tokens, roles, and the one table of access."""
