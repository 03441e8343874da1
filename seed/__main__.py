"""Check the corpus and publish it as a database, or verify a published database."""

import _thread
import argparse
import logging
import signal
import sqlite3
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app.settings import Settings
from seed.publishing.fill import PublishError
from seed.publishing.publish import publish
from seed.publishing.verify import verify
from seed.reading.faults import CorpusError
from seed.reading.reader import read_corpus

OWN_CORPUS = Path(__file__).parent / "corpus"
CONFIGURED_DATABASE = Path()
"""Stands for the database of BRIEFS_DATABASE_URL after ``--verify``."""
MAX_PRINTED_FAULTS = 1000
EXIT_INTERRUPTED = 130
"""The exit code of programs that Ctrl+C ended, as shells expect it."""
LOST_INTERRUPT_SECONDS = 0.05


def check_and_publish(folder: Path, *, check_only: bool) -> None:
    """Check a corpus and publish it; print what it contains and what was published.

    Args:
        folder: the corpus.
        check_only: publish nothing.
    """
    settings = Settings()
    corpus = read_corpus(folder)
    for warning in corpus.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(
        f"{len(corpus.articles)} articles, {corpus.recommendations} recommendations, "
        f"{corpus.claims} claims, {len(corpus.relations) // 2} relations, "
        f"{len(corpus.actors)} actors, {len(corpus.themes)} themes, {len(corpus.places)} places: "
        "every quote stands in its text.",
    )
    if not check_only:
        # Once the data is published, "Nothing was published." would be wrong: Ctrl+C is ignored.
        dataset = publish(corpus, settings, lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
        print(f"Published data set {dataset.version}.")


def verify_and_report(file: Path) -> bool:
    """Verify a published database, print the result of each check, and return whether all passed.

    Args:
        file: a published SQLite file, or ``CONFIGURED_DATABASE``.
    """
    database: Path | str = file
    if file is CONFIGURED_DATABASE:
        settings = Settings()
        database = settings.sqlite_file or settings.database_url
    failures = 0
    for finding in verify(database):
        failures += not finding.holds
        if finding.holds:
            print(f"holds  {finding.what}")
        else:
            print(f"FAILS  {finding.what}", file=sys.stderr)
    if failures:
        print(f"\n{failures} {'check fails' if failures == 1 else 'checks fail'}.", file=sys.stderr)
    return not failures


def error_message(error: Exception, *, verifying: bool) -> str:
    """Return what a curator or an operator needs to know about an error."""
    match error:
        case CorpusError():
            faults = [str(fault) for fault in error.faults[:MAX_PRINTED_FAULTS]]
            count = len(error.faults)
            more = ["…"] if count > len(faults) else []
            summary = f"{count} {'fault' if count == 1 else 'faults'} in the corpus."
            return "\n".join([*faults, *more, "", summary])
        case ValidationError():
            return "\n".join(
                f"BRIEFS_{str(wrong['loc'][0]).upper()}: {wrong['msg']}" for wrong in error.errors()
            )
        case DBAPIError():
            return f"The database could not be {'read' if verifying else 'written'}: {error.orig}"
        case OSError():
            return f"{error.strerror}: {error.filename}"
    return f"{error}."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: of the command; by default those of the process.

    Returns:
        0 if all went well, 1 if something is wrong, 130 if Ctrl+C interrupted the command.
    """
    parser = argparse.ArgumentParser(prog="python -m seed", description=__doc__)
    parser.add_argument("--check", action="store_true", help="check the corpus; publish nothing")
    parser.add_argument(
        "--corpus", type=Path, default=OWN_CORPUS, metavar="DIR", help="read another corpus"
    )
    parser.add_argument(
        "--verify",
        nargs="?",
        type=Path,
        const=CONFIGURED_DATABASE,
        metavar="FILE",
        help="publish nothing; verify a published SQLite file, or the database of "
        "BRIEFS_DATABASE_URL",
    )
    options = parser.parse_args(arguments)
    # It warns of the work that Ctrl+C breaks off, which PostgreSQL rolls back.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    verifying = options.verify is not None
    try:
        if verifying:
            return 0 if verify_and_report(options.verify) else 1
        check_and_publish(options.corpus, check_only=options.check)
    except KeyboardInterrupt:
        code, message = EXIT_INTERRUPTED, "Interrupted."
    except (CorpusError, PublishError, OSError, ValidationError, DBAPIError) as error:
        code, message = 1, error_message(error, verifying=verifying)
        # The error that KeyboardInterrupt becomes during a statement of SQLite.
        cause = getattr(error, "orig", None)
        if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            code, message = EXIT_INTERRUPTED, "Interrupted."
    else:
        return 0
    if not verifying:
        message += "\nNothing was published."
    print(message, file=sys.stderr)
    return code


def repeat_lost_interrupt(lost: "sys.UnraisableHookArgs") -> None:
    """Raise KeyboardInterrupt again a moment later if it was lost.

    Python cannot raise it from a destructor or from the callback of a weak reference: without this,
    the seed would go on.
    """
    if issubclass(lost.exc_type, KeyboardInterrupt):
        threading.Timer(LOST_INTERRUPT_SECONDS, _thread.interrupt_main).start()
    else:
        sys.__unraisablehook__(lost)


if __name__ == "__main__":
    sys.unraisablehook = repeat_lost_interrupt
    sys.exit(main())
