"""Alembic's environment: migrates the connection of the seed, else BRIEFS_DATABASE_URL."""

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

import app.models  # noqa: F401 - defines the tables of the metadata
from app.settings import Settings


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


seed_connection = context.config.attributes.get("connection")
if seed_connection is not None:
    run(seed_connection)
else:
    # Not the engine of the app, which enforces foreign keys: batch migrations rebuild tables.
    engine = create_engine(Settings().database_url)
    try:
        with engine.begin() as opened:
            run(opened)
    finally:
        engine.dispose()
