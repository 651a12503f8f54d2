"""S2S-Arena: evaluate speech-to-speech systems in speech."""

__version__ = "0.1.0"
