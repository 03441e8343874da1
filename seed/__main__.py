"""`python -m seed`: check the corpus, build a new data version, publish it; or prove one that was published."""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from app.settings import Settings
from seed.interruption import Interruption
from seed.progress import Meter
from seed.publishing.publish import PublishError, publish
from seed.publishing.verify import verify
from seed.reading.checks import read_corpus
from seed.reading.faults import CorpusError

OWN_CORPUS = Path(__file__).parent / "corpus"
MAX_REPORTED_FAULTS = 1000
"""Faults that are told one by one."""
INTERRUPTED = 130
"""The exit code of what was ended by Ctrl+C, as shells know it."""
CONFIGURED = Path()
"""Stands for the database that the settings name."""


def run(folder: Path, meter: Meter, interruption: Interruption, *, check: bool) -> None:
    """Check a corpus and, unless only checking was asked for, publish it; say what was found and done.

    Args:
        folder: the corpus.
        meter: told of the progress.
        interruption: obeyed until everything is written.
        check: publish nothing.

    Raises:
        CorpusError, PublishError, OSError, ValidationError, sqlalchemy.exc.DBAPIError, KeyboardInterrupt: nothing was published.
    """

    def progress(doing: str, done: int, total: int) -> None:
        interruption.check()
        meter(doing, done, total)

    settings = Settings()
    corpus = read_corpus(folder, progress)
    meter.close()
    for warning in corpus.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(
        f"{len(corpus.articles)} articles, {corpus.recommendations} recommendations, {corpus.claims} claims, "
        f"{len(corpus.relations) // 2} relations, "
        f"{len(corpus.actors)} actors, {len(corpus.themes)} themes, {len(corpus.places)} places: "
        "every quote stands in its text.",
    )
    if not check:
        published = publish(corpus, settings, progress, interruption)
        meter.close()
        print(f"Published data set {published.version}.")


def verify_published(file: Path | None) -> bool:
    """Say what holds of a published database, and what does not.

    Args:
        file: a published SQLite file; without one, the database that the settings name.

    Returns:
        Whether everything holds.

    Raises:
        OSError, ValidationError, sqlalchemy.exc.DBAPIError: it cannot be read at all.
    """
    failing = 0
    for finding in verify(file or _configured()):
        failing += not finding.holds
        print(
            f"{'holds' if finding.holds else 'FAILS'}  {finding.what}",
            file=sys.stdout if finding.holds else sys.stderr,
        )
    if failing:
        print(f"\n{failing} {'check fails' if failing == 1 else 'checks fail'}.", file=sys.stderr)
    return not failing


def _configured() -> Path | str:
    settings = Settings()
    return settings.sqlite_file or settings.database_url


def explain(error: Exception, *, reading: bool = False) -> str:
    """Return what a curator or operator should know about why nothing was published, or read."""
    match error:
        case CorpusError():
            count = len(error.faults)
            more = ["…"] if count > MAX_REPORTED_FAULTS else []
            return (
                "\n".join([*map(str, error.faults[:MAX_REPORTED_FAULTS]), *more])
                + f"\n\n{count} {'fault' if count == 1 else 'faults'} in the corpus."
            )
        case ValidationError():
            return "\n".join(
                f"BRIEFS_{str(wrong['loc'][0]).upper()}: {wrong['msg']}" for wrong in error.errors()
            )
        case DBAPIError():
            return f"The database could not be {'read' if reading else 'written'}: {error.orig}"
        case OSError():
            return f"{error.strerror}: {error.filename}"
    return f"{error}."


def main(arguments: Sequence[str] | None = None, *, ends: bool = False) -> int:
    """Run the command.

    Args:
        arguments: of the command; those that it was started with if not given.
        ends: whether the process ends with it, and Ctrl+C means nothing else from now on.

    Returns:
        0 when all went well, 1 with what is wrong when not, 130 when it was interrupted by Ctrl+C.
    """
    parser = argparse.ArgumentParser(prog="python -m seed", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="only check the corpus; publish nothing"
    )
    parser.add_argument(
        "--corpus",
        type=Path,
        default=OWN_CORPUS,
        metavar="DIR",
        help="another corpus of the same form",
    )
    parser.add_argument(
        "--verify",
        nargs="?",
        type=Path,
        const=CONFIGURED,
        metavar="FILE",
        help="publish nothing; prove a published SQLite file, or without FILE the database of BRIEFS_DATABASE_URL",
    )
    options = parser.parse_args(arguments)
    meter = Meter(sys.stderr)
    proving = options.verify is not None
    interruption = Interruption()
    if ends and not proving:  # to prove writes nothing: it may be broken off anywhere
        interruption.install()
    try:
        if proving:
            return (
                0
                if verify_published(None if options.verify is CONFIGURED else options.verify)
                else 1
            )
        run(options.corpus, meter, interruption, check=options.check)
    except KeyboardInterrupt:
        code, wrong = INTERRUPTED, "Interrupted."
    except (CorpusError, PublishError, OSError, ValidationError, DBAPIError) as error:
        broken_off = interruption.asked and isinstance(error, DBAPIError)
        code, wrong = (
            (INTERRUPTED, "Interrupted.") if broken_off else (1, explain(error, reading=proving))
        )
    else:
        return 0
    meter.close()
    print(wrong if proving else f"{wrong}\nNothing was published.", file=sys.stderr)
    return code


if __name__ == "__main__":
    exit_code = main(ends=True)
    # What came of it is said. Python gives the signal back before it has ended, unless it is ignored.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(exit_code)
