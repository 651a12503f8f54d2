"""Scripts to speech to noise to a frozen suite."""
