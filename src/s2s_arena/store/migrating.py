"""Brings a database of an older schema up to date with the migrations that ship in the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, *, migrations: Path = MIGRATIONS, to: str = "head") -> None:
    """Run the migrations that are missing, all in the connection's transaction: on any error nothing has changed.

    Args:
        connection: In a transaction that may write.
        migrations: Folder with `env.py` and `versions/`.
        to: Revision to stop at.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, to)
