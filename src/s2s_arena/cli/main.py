"""The command `s2s-arena`."""


def main() -> None:
    """Run the command line."""
