"""Live video in a process of its own: takes each flight's stream, shows it to who may watch, records it as it came."""
