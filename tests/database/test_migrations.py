"""The migrations make the tables of the models, and remove them, on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from app.models import SCHEMA
from tests.conftest import ROOT, run_seed

SEARCHED_KINDS = ("theme", "place", "actor", "article", "claim", "recommendation")


def is_in_models(backend: str) -> Callable[..., bool]:
    """Return a filter for what Alembic compares.

    FTS5 tables are not in the models, and only PostgreSQL has the indexes of `tsvector`.
    """

    def is_compared(_: Any, name: str | None, type_: str, *__: Any) -> bool:
        if type_ == "index" and backend == "sqlite" and (name or "").endswith("_lexemes"):
            return False
        return "_fts" not in (name or "")

    return is_compared


@pytest.fixture
def config() -> Config:
    return Config(toml_file=ROOT / "pyproject.toml")


def test_up_compare_and_down(
    backend: str,
    new_database_url: Callable[[], str],
    config: Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = new_database_url()
    monkeypatch.setenv("BRIEFS_DATABASE_URL", url)
    command.upgrade(config, "head")
    engine = create_engine(url)
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_object": is_in_models(backend),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []
        names = inspect(connection).get_table_names()
        assert connection.dialect.name != "sqlite" or {
            f"{table}_text_fts" for table in SEARCHED_KINDS
        } <= set(names)
        tables = {table for table in names if "_fts" not in table}
        assert tables == {*SQLModel.metadata.tables, "alembic_version"}
        for table in SQLModel.metadata.tables:  # every constraint has a name
            checks = {check["name"] for check in inspect(connection).get_check_constraints(table)}
            declared = {
                str(check.name)
                for check in SQLModel.metadata.tables[table].constraints
                if "Check" in type(check).__name__
            }
            assert checks == declared, table
            assert all(key["name"] for key in inspect(connection).get_foreign_keys(table)), table
    command.downgrade(config, "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_the_code_expects_the_newest_migration(config: Config) -> None:
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA


def test_a_database_of_another_history_is_told_what_to_do(
    backend: str, new_database_url: Callable[[], str]
) -> None:
    if backend == "sqlite":
        return  # a published file is always a new one
    url = new_database_url()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0003')"))
    engine.dispose()
    result = run_seed(url)
    assert result.returncode == 1
    assert "schema 0003" in result.stderr
    assert "docker compose down --volumes" in result.stderr
    assert "Traceback" not in result.stderr
