"""What every dock reaches, for the map: solved in a process of its own, kept until something changes."""
