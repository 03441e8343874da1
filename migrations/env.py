"""Alembic's environment: migrates the connection it is given, or the database of BRIEFS_DATABASE_URL."""

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

import app.models  # noqa: F401 - fills the metadata
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


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    # An engine of its own: batch migrations rebuild tables, which enforced foreign keys would forbid.
    engine = create_engine(Settings().database_url)
    try:
        with engine.begin() as opened:
            run(opened)
    finally:
        engine.dispose()
