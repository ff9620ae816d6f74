"""The contestants of the fan-out benchmark."""
