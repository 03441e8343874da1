"""What is measured on: the published databases of every size, the peers' database made from each, and the peers' environment.

All of it is kept in `.bench/` and made anew when what makes it has changed.
"""

import hashlib
import os
import re
import sqlite3
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
KEPT = ROOT / ".bench"
PYTHON = KEPT / "venv" / "bin" / "python"
"""The peers' own interpreter; ours is the one that runs the benchmark."""

OWN = "five"
ANNOTATIONS_OF_AN_ARTICLE = 20
PINNED = "requirements-dev.txt"
MULTIPLES = {"k": 1_000, "m": 1_000_000}

BUILDERS = (
    "seed",
    "migrations",
    "app/models.py",
    "app/schemas.py",
    "app/texts.py",
    "app/words.py",
    "app/names.py",
    "tests/benchmarks/synthetic.py",
)
"""What a published database depends on."""

KINDS = ("theme", "place", "actor", "article", "claim", "recommendation")


@dataclass(frozen=True)
class Databases:
    """The databases of one size: ours and, made from it, that of the peers."""

    size: str
    folder: Path

    @property
    def briefs(self) -> Path:
        return self.folder / "briefs.db"

    @property
    def peers(self) -> Path:
        return self.folder / "textbook.db"


def publisher_of(size: str) -> list[str]:
    """Return the module, with its arguments, that publishes the corpus of a size: `200k` is 10,000 synthetic articles.

    Raises:
        ValueError: neither the project's own corpus nor a number of annotations.
    """
    if size == OWN:
        return ["seed"]
    if size[:-1].isdecimal() and size[-1:] in MULTIPLES:
        return [
            "tests.benchmarks.synthetic",
            str(int(size[:-1]) * MULTIPLES[size[-1]] // ANNOTATIONS_OF_AN_ARTICLE),
        ]
    raise ValueError(
        f"SIZES: {size} is neither {OWN} nor a number of annotations such as 200k or 2m"
    )


def prepare(size: str) -> Databases:
    """Return the databases of a size, having made what is missing or stale."""
    databases = Databases(size, KEPT / size)
    databases.folder.mkdir(parents=True, exist_ok=True)
    publish_once(size, databases.briefs, f"sqlite:///{databases.briefs}")
    made_by = _digest(*BUILDERS, "tests/benchmarks/competitors.sql")
    _keep(databases.peers, made_by, lambda: make_peers(databases.briefs, databases.peers))
    return databases


def publish_once(size: str, kept: Path, database_url: str) -> None:
    """Publish the corpus of a size to an address, as its operator would, unless that is kept there already."""
    environment = {**os.environ, "BRIEFS_DATABASE_URL": database_url}

    def publish() -> None:
        subprocess.run(
            [sys.executable, "-m", *publisher_of(size)],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    _keep(kept, _digest(*BUILDERS), publish)


def make_peers(briefs: Path, target: Path) -> None:
    """Make the peers' database from a published file, by SQL alone."""
    new = target.with_suffix(".new")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(f"file:{new}", uri=True, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-500000;"
        )
        # A published file is never written again: its checksum would not be right any more.
        connection.execute("ATTACH ? AS briefs", (f"file:{briefs}?mode=ro",))
        for kind in KINDS:
            connection.execute(
                f"CREATE TEMP VIEW {kind}_document AS {_documents(connection, kind)}"
            )
        connection.executescript((HERE / "competitors.sql").read_text())
    new.replace(target)


def _documents(connection: sqlite3.Connection, kind: str) -> str:
    """Return the statement that gives what is published of a kind, numbered in the order of publication.

    The one place that knows where documents are stored: the column ``document`` of the kind's own table, or of a satellite.
    """
    names = [
        name
        for (name,) in connection.execute(
            "SELECT name FROM briefs.sqlite_master WHERE type = 'table' ORDER BY length(name)"
        )
    ]
    for name in names:
        columns = {
            column
            for (column,) in connection.execute(
                "SELECT name FROM pragma_table_info(?, 'briefs')", (name,)
            )
        }
        if (name == kind or name.startswith(f"{kind}_")) and "document" in columns:
            return f"SELECT rowid AS number, document FROM briefs.{name}"
    raise LookupError(f"no table of the published database holds the documents of {kind}")


def prepare_environment() -> None:
    """Install the peers, each pinned, into an environment of their own."""
    pins = HERE / "competitors.txt"

    def install() -> None:
        venv.create(KEPT / "venv", with_pip=True, clear=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # The versions that the project has itself; the peers bring packages that have no hashes there.
        versions = KEPT / "versions.txt"
        versions.write_text(
            "\n".join(re.findall(r"^[\w.-]+==[\w.]+", (ROOT / PINNED).read_text(), re.MULTILINE))
        )
        subprocess.run(
            [*pip, "--requirement", str(pins), "--constraint", str(versions)], check=True
        )

    KEPT.mkdir(exist_ok=True)
    _keep(PYTHON, _digest("tests/benchmarks/competitors.txt", PINNED, also=sys.version), install)


def _keep(made: Path, digest: str, make: Callable[[], None]) -> None:
    """Make something unless it is there already and was made by the same."""
    stamp = made.with_name(f"{made.name}.made-by")
    if made.exists() and stamp.exists() and stamp.read_text() == digest:
        return
    print(f"making {made.relative_to(ROOT)} … ", end="", flush=True)
    began = time.monotonic()
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(digest)
    print(f"{time.monotonic() - began:.0f} s", flush=True)


def _digest(*names: str, also: str = "") -> str:
    """Return a digest of files and folders of the project."""
    result = hashlib.sha256(also.encode())
    for name in names:
        path = ROOT / name
        files = (
            sorted(found for found in path.rglob("*") if found.is_file())
            if path.is_dir()
            else [path]
        )
        for file in files:
            if "__pycache__" not in file.parts:
                result.update(str(file.relative_to(ROOT)).encode())
                result.update(file.read_bytes())
    return result.hexdigest()
