"""Migrations are run up, compared with the models, and down, on both databases."""

from collections.abc import Callable

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import ROOT
from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel

from app.models import SCHEMA


@pytest.fixture
def config() -> Config:
    return Config(toml_file=ROOT / "pyproject.toml")


def test_up_compare_and_down(new_database_url: Callable[[], str], config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    url = new_database_url()
    monkeypatch.setenv("BRIEFS_DATABASE_URL", url)
    command.upgrade(config, "head")
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        tables = set(inspect(connection).get_table_names())
        assert tables == {*SQLModel.metadata.tables, "alembic_version"}
        for table in SQLModel.metadata.tables:  # every constraint has a name of its own
            checks = {check["name"] for check in inspect(connection).get_check_constraints(table)}
            declared = {str(check.name) for check in SQLModel.metadata.tables[table].constraints if "Check" in type(check).__name__}
            assert checks == declared, table
            assert all(key["name"] for key in inspect(connection).get_foreign_keys(table)), table
    command.downgrade(config, "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_the_code_expects_the_newest_migration(config: Config) -> None:
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA
