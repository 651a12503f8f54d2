"""How often the judge notices an answer to another question, on everyday questions that it was not made with.

    python -m bench.everyday -w WORKSPACE [-S qwen-hibari] [--pairs 90]

Speaks the questions of `bench/everyday.csv` with a local voice, lets local systems answer them and tries the judge on
these answers. A quarter of an hour on two cores; stopped, the same command goes on.
"""

import argparse
import csv
import subprocess
import sys
from pathlib import Path

from s2s_arena.audio.files import write_wav
from s2s_arena.compose import open_workspace
from s2s_arena.records.speech import Segment, Utterance
from s2s_arena.workspace.layout import create

QUESTIONS = Path(__file__).with_name("everyday.csv")
VOICE = "hibari"


def spoken(workspace: Path) -> Path:
    """A table of the questions with their recordings, beside them."""
    folder = workspace / "questions"
    folder.mkdir(exist_ok=True)
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with open_workspace(workspace) as arena:
        voice = arena.speakers([VOICE])[VOICE][1]()
        for row in rows:
            row["audio"] = f"{row['id']}.wav"
            if not (folder / row["audio"]).exists():
                said = Segment(text=row["text"], language=row["language"])
                write_wav(folder / row["audio"], voice.speak(Utterance(segments=(said,)), seed=1))
    table = folder / "questions.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["id", "audio", "text", "language"])
        writer.writeheader()
        writer.writerows(rows)
    return table


def run(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "s2s_arena", *map(str, arguments)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-w", "--workspace", type=Path, required=True)
    parser.add_argument("-S", "--systems", default="qwen-hibari")
    parser.add_argument("--pairs", type=int, default=90)
    parser.add_argument("--probes", default="silence,echo,other,half,noise-0")
    given = parser.parse_args()
    create(given.workspace)
    here = ("-w", given.workspace)
    run("suite", "import", spoken(given.workspace), *here, "--name", "everyday", "--licence", "Apache-2.0")
    run("answer", *here, "-S", given.systems)
    run(
        "judges", "validate", "local", *here, "-S", given.systems, "--probes", given.probes, "-n", given.pairs,
        "--again", 0, "--no-controls",
    )  # fmt: skip


if __name__ == "__main__":
    main()
