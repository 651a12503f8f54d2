"""Audio as arrays and files: reading, resampling, loudness, mixing, joining, checks. No models."""
