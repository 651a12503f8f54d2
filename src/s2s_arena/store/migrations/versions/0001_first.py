"""The first schema. Released migrations are never rewritten: a change is a further file."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

# table: (fields kept as text, fields kept as integers)
RECORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "suites": (("name", "version"), ()),
    "spoken": (("voice",), ()),
    "studies": (("name",), ("revision",)),
    "rounds": (("study",), ("number",)),
    "matches": (("study", "sample", "group", "purpose"), ("round",)),
    "takes": (("sample", "system", "failure"), ()),
    "responses": (("sample", "system", "settings", "failure"), ()),
    "examined": (("response", "system", "examiner", "failure"), ()),
    "cues": (("audio", "extractor"), ()),
    "scores": (("subject", "scale", "judge"), ()),
    "reviews": (("sample", "sample_hash", "reviewer"), ()),
    "assignments": (("study", "match", "judge"), ()),
    "consents": (("audio", "speaker"), ()),
    "runs": (("stage",), ()),
    "judge_reliability": (("judge", "judge_version"), ()),
    "explanations": (("match", "judge", "judge_version"), ()),
    "published_boards": (("study",), ("version",)),
}


def upgrade() -> None:
    """Make the tables of records and the log of events."""
    for table, (texts, numbers) in RECORDS.items():
        op.create_table(
            table,
            sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("key", sa.String, nullable=False, unique=True),
            *(sa.Column(name, sa.String, nullable=False) for name in texts),
            *(sa.Column(name, sa.Integer, nullable=False) for name in numbers),
            sa.Column("body", sa.Text, nullable=False),
        )
        for name in (*texts, *numbers):
            op.create_index(f"ix_{table}_{name}", table, [name])
    op.create_table(
        "events",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("study", sa.String, nullable=False),
        sa.Column("match", sa.String, nullable=False),
        sa.Column("judge", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("match", "judge", "revision"),
    )
    op.create_index("ix_events_study", "events", ["study"])
