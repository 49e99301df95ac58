"""The speed figures: `make bench` measures each on the real thing and holds it against the bar in `bars.toml`."""
