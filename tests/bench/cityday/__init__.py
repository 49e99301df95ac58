"""The city day: real calls of a county on a clock without seconds that nobody needs, for policies to be compared on."""
