"""What a simulated drone's camera films: a drawn scene, encoded and sent as a companion computer on board would."""
