"""`python -m bench`: every benchmark that needs nothing beyond what is installed, one after the other."""

import runpy
import sys

BENCHES = ("ratings", "pairing", "coverage", "measurement", "audio_pipeline")


def main() -> None:
    """Run those named on the command line, or all."""
    for name in sys.argv[1:] or BENCHES:
        print(f"== {name}", flush=True)
        sys.argv = [name]
        runpy.run_module(f"bench.{name}", run_name="__main__")


if __name__ == "__main__":
    main()
