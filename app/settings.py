"""All settings, from environment variables that begin with ``BRIEFS_``."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError


class Settings(BaseSettings):
    """Each field is the environment variable ``BRIEFS_<FIELD>``."""

    model_config = SettingsConfigDict(env_prefix="BRIEFS_", extra="ignore")

    database_url: str = Field(
        default="sqlite:///briefs.db",
        description="`sqlite:///FILE` or `postgresql+psycopg://USER@HOST/DATABASE`",
    )
    host: str = Field(default="127.0.0.1", description="The address the server listens on")
    port: int = Field(default=8000, ge=0, le=65535, description="The port the server listens on")
    public_url: str | None = Field(
        default=None,
        description="Address of the API in absolute links, e.g. `https://briefs.example.org`",
    )
    cache_megabytes: int = Field(
        default=32,
        ge=0,
        le=100_000,
        description="Size of the response cache of each process; 0 for none",
    )
    watch_seconds: float = Field(
        default=1,
        gt=0,
        le=86_400,
        description="How often to ask PostgreSQL for a new data version; "
        "a file is checked by each request",
    )
    statement_seconds: float = Field(
        default=1,
        gt=0,
        le=3600,
        description="Time limit of a database statement; above it the answer is 503",
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Number of server processes, each with its own threads and cache",
    )
    access_log: bool = Field(
        default=False,
        description="Log each request to stdout, without its query and the client's address",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning",
        description="What is logged to stderr; `debug` may repeat what clients asked",
    )
    threads: int = Field(
        default=16,
        ge=1,
        le=200,
        description="Requests in progress at once; at most twice as many database connections",
    )

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str) -> str:
        try:
            url = make_url(value)
        except ArgumentError as error:
            raise ValueError("not a database address") from error
        if url.drivername not in {"sqlite", "postgresql+psycopg"}:
            raise ValueError(
                f"{url.drivername} is not served: use sqlite:///FILE or postgresql+psycopg://…"
            )
        if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
            raise ValueError("name a file: sqlite:///FILE")
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_absolute(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"https?://[A-Za-z0-9]([A-Za-z0-9.-]{0,252})(:[0-9]{1,5})?/?", value):
            raise ValueError("give scheme and host and no path, e.g. https://briefs.example.org")
        return value.rstrip("/")

    @property
    def sqlite_file(self) -> Path | None:
        """The published SQLite file, or None where PostgreSQL serves."""
        url = make_url(self.database_url)
        return Path(url.database) if url.drivername == "sqlite" and url.database else None
