"""The databases of every size, the competitors' databases made from them, and their environment.

They are stored in `.bench/` and made again when what they are made from has changed.
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
BENCH_FOLDER = ROOT / ".bench"
PYTHON = BENCH_FOLDER / "venv" / "bin" / "python"
"""The interpreter of the competitors; this API uses the one that runs the benchmark."""

OWN = "five"
ANNOTATIONS_OF_AN_ARTICLE = 20
PINNED = "requirements-dev.txt"
MULTIPLES = {"k": 1_000, "m": 1_000_000}

BUILDERS = (
    "seed",
    "migrations",
    "app/models.py",
    "app/schemas.py",
    "app/query/search",
    "app/database",
    "tests/benchmarks/synthetic.py",
)
"""What a published database depends on."""

KINDS = ("theme", "place", "actor", "article", "claim", "recommendation")


@dataclass(frozen=True)
class Databases:
    """The databases of one size: this API's, and the one made from it for the competitors."""

    size: str
    folder: Path

    @property
    def briefs(self) -> Path:
        return self.folder / "briefs.db"

    @property
    def competitors(self) -> Path:
        return self.folder / "textbook.db"


def publisher_of(size: str) -> list[str]:
    """Return the module that publishes the corpus of a size, and its arguments.

    `five` is the project's corpus; `200k` stands for 10,000 synthetic articles.

    Raises:
        ValueError: the size is neither.
    """
    if size == OWN:
        return ["seed"]
    if size[:-1].isdecimal() and size[-1:] in MULTIPLES:
        return [
            "tests.benchmarks.synthetic",
            str(int(size[:-1]) * MULTIPLES[size[-1]] // ANNOTATIONS_OF_AN_ARTICLE),
        ]
    raise ValueError(f"SIZES: {size} is neither {OWN} nor a number such as 200k or 2m")


def prepare(size: str) -> Databases:
    """Return the databases of a size; make what is missing or out of date."""
    databases = Databases(size, BENCH_FOLDER / size)
    databases.folder.mkdir(parents=True, exist_ok=True)
    publish_once(size, databases.briefs, f"sqlite:///{databases.briefs}")
    made_by = _digest(*BUILDERS, "tests/benchmarks/competitors.sql")
    _build_once(
        databases.competitors,
        made_by,
        lambda: make_competitors(databases.briefs, databases.competitors),
    )
    return databases


def publish_once(size: str, made: Path, database_url: str) -> None:
    """Publish the corpus of a size as an operator would, unless that was done already.

    Args:
        size: of the corpus.
        made: a file that exists after the publication.
        database_url: where to publish.
    """
    environment = {**os.environ, "BRIEFS_DATABASE_URL": database_url}

    def publish() -> None:
        subprocess.run(
            [sys.executable, "-m", *publisher_of(size)],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    _build_once(made, _digest(*BUILDERS), publish)


def make_competitors(briefs: Path, target: Path) -> None:
    """Make the competitors' database from a published file, with SQL only."""
    new = target.with_suffix(".new")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(f"file:{new}", uri=True, isolation_level=None)) as connection:
        connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-500000;"
        )
        # Writing to a published file would make its checksum wrong.
        connection.execute("ATTACH ? AS briefs", (f"file:{briefs}?mode=ro",))
        for kind in KINDS:
            connection.execute(
                f"CREATE TEMP VIEW {kind}_document AS {_documents(connection, kind)}"
            )
        connection.executescript((HERE / "competitors.sql").read_text())
    new.replace(target)


def _documents(connection: sqlite3.Connection, kind: str) -> str:
    """Return a query for the documents of a kind, numbered in the order of publication.

    Only this function knows where they are: in the column ``document`` of the table of the kind,
    or of a table beside it.
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
    """Install the competitors, with pinned versions, into their own environment."""
    pins = HERE / "competitors.txt"

    def install() -> None:
        venv.create(BENCH_FOLDER / "venv", with_pip=True, clear=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # Shared dependencies have the project's versions. The others have no hashes there.
        versions = BENCH_FOLDER / "versions.txt"
        versions.write_text(
            "\n".join(re.findall(r"^[\w.-]+==[\w.]+", (ROOT / PINNED).read_text(), re.MULTILINE))
        )
        subprocess.run(
            [*pip, "--requirement", str(pins), "--constraint", str(versions)], check=True
        )

    BENCH_FOLDER.mkdir(exist_ok=True)
    _build_once(
        PYTHON, _digest("tests/benchmarks/competitors.txt", PINNED, also=sys.version), install
    )


def _build_once(made: Path, digest: str, make: Callable[[], None]) -> None:
    """Make a file unless it exists and was made from the same sources."""
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
            sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        )
        for file in files:
            if "__pycache__" not in file.parts:
                result.update(str(file.relative_to(ROOT)).encode())
                result.update(file.read_bytes())
    return result.hexdigest()
