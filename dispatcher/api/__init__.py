"""The public HTTP API: what anybody may ask of the dispatcher, checked, and answered or refused in words."""
