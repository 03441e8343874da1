"""What may be wrong with a corpus, as one list: refused with file, line and what to do; what is published stays as it is."""

import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seed.__main__ import main
from tests.conftest import ROOT, run_seed

NOTES = "annotations/year-of-coups-mali.yaml"
TEXT = "sources/year-of-coups-mali.txt"
THEMES, ACTORS, PLACES, ABOUT = (
    "vocabulary/themes.yaml",
    "vocabulary/actors.yaml",
    "vocabulary/places.yaml",
    "dataset.yaml",
)
QUOTE = "Mali now requires urgent action."

Spoil = Callable[[Path], object]


def put(name: str, old: str, new: str) -> Spoil:
    """Return what replaces the first occurrence of a text in a corpus file."""

    def spoil(folder: Path) -> None:
        content = (folder / name).read_text()
        assert old in content, old
        (folder / name).write_text(content.replace(old, new, 1), errors="surrogatepass")

    return spoil


def write(name: str, content: str | bytes) -> Spoil:
    return lambda folder: (folder / name).write_bytes(
        content.encode() if isinstance(content, str) else content
    )


def instead(name: str, make: Callable[[Path], object]) -> Spoil:
    """Return what puts something else in the place of a corpus file."""

    def spoil(folder: Path) -> None:
        path = folder / name
        path.rename(folder.parent / "moved")
        make(path)

    return spoil


def of_size(name: str, size: int) -> Spoil:
    return lambda folder: os.truncate(folder / name, size)


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


# What is wrong, how it comes about, the file that is blamed, and what to do.
FAULTS: list[tuple[str, Spoil, str, str]] = [
    (
        "a quote that is not in the text",
        put(NOTES, QUOTE, "Mali now requires urgent acton."),
        NOTES,
        f"the nearest passage is “{QUOTE[:25]}",
    ),
    (
        "a quote like nothing in the text",
        put(NOTES, QUOTE, "Zzyzx qqq wwww 12345 @@@@ ####"),
        NOTES,
        "copy the words from the text",
    ),
    (
        "a quote that is found twice",
        put(NOTES, QUOTE, "Mali"),
        NOTES,
        "times in the body: add a prefix or suffix",
    ),
    (
        "a quote in another Unicode form",
        put(NOTES, QUOTE, "Colonel Assimi Goi\u0308ta seized power."),
        NOTES,
        "copy the words from the text",
    ),
    (
        "a text in another Unicode form",
        put(TEXT, "Assimi Goïta", "Assimi Goi\u0308ta"),
        NOTES,
        "copy the words from the text",
    ),
    (
        "a quote outside the body",
        put(NOTES, QUOTE, "The Urgent Case of Mali"),
        NOTES,
        "quote the body, or mend `parts`",
    ),
    (
        "a part outside the text",
        put(NOTES, "lines: 44-106", "lines: 44-9999"),
        NOTES,
        "name lines that there are",
    ),
    (
        "a part that ends before it begins",
        put(NOTES, "lines: 44-106", "lines: 106-44"),
        NOTES,
        "a first and last one: 12 or 12-14",
    ),
    (
        "a line of two parts",
        put(NOTES, "lines: 1,", "lines: 1-3,"),
        NOTES,
        "belongs to another part already: name it once",
    ),
    (
        "a line of no part",
        put(NOTES, "  - {lines: 41, is: biography}\n", ""),
        NOTES,
        "belongs to no part: say what it is",
    ),
    (
        "an unknown theme",
        put(NOTES, "themes: [democracy", "themes: [democrcy"),
        NOTES,
        "did you mean 'democracy'?): mend it, or add it",
    ),
    (
        "an unknown actor",
        put(NOTES, "[kadiatou-keita]", "[kadiatou-keit]"),
        NOTES,
        "did you mean 'kadiatou-keita'",
    ),
    (
        "an unknown place",
        put(NOTES, "places: [mali]", "places: [malli]"),
        NOTES,
        "did you mean 'mali'",
    ),
    (
        "an id given twice",
        put(NOTES, "  - id: c2\n", "  - id: c1\n"),
        NOTES,
        "stands twice: give one of them a new number",
    ),
    (
        "a theme's id given twice",
        put(THEMES, "- id: women-participation", "- id: youth-participation"),
        THEMES,
        "stands twice",
    ),
    (
        "a key given twice",
        put(NOTES, "language: en", "language: en\nlanguage: en"),
        NOTES,
        "stands twice: keep one",
    ),
    (
        "no, read as false",
        put(NOTES, "language: en", "language: no"),
        NOTES,
        'write true or false, or "no" in quotes',
    ),
    (
        "a date, read as one",
        put(NOTES, '"2021-10"', "2021-10-26"),
        NOTES,
        'write "2021-10-26" in quotes',
    ),
    ("012, read as ten", put(NOTES, '"2021-10"', "012"), NOTES, 'write "012" in quotes'),
    ("12:30, read as 750", put(NOTES, '"2021-10"', "12:30"), NOTES, 'write "12:30" in quotes'),
    ("1e3, 1_000, 0x10", put(NOTES, '"2021-10"', "1_000"), NOTES, 'write "1_000" in quotes'),
    ("NUL", put(NOTES, "language: en", "language: en\0"), NOTES, "NUL character: take it out"),
    ("NUL in a text", put(TEXT, "Mali", "Ma\0li"), TEXT, "NUL character: take it out"),
    ("NUL that is written", put(NOTES, "kind: analysis", 'kind: "a\\0"'), NOTES, "take it out"),
    (
        "half a surrogate pair",
        put(NOTES, "language: en", "language: \ud800"),
        NOTES,
        "save it as UTF-8",
    ),
    (
        "half a surrogate pair that is written",
        put(NOTES, "kind: analysis", 'kind: "\\ud800"'),
        NOTES,
        "take it out",
    ),
    (
        "a byte order mark",
        put(NOTES, "title:", "\ufefftitle:"),
        NOTES,
        "save it as UTF-8 without one",
    ),
    (
        "a byte order mark in a text",
        lambda folder: write(TEXT, b"\xef\xbb\xbf" + (folder / TEXT).read_bytes())(folder),
        TEXT,
        "save it as UTF-8 without one",
    ),
    (
        "Windows line ends",
        lambda folder: write(NOTES, (folder / NOTES).read_text().replace("\n", "\r\n"))(folder),
        NOTES,
        "save it with Unix line ends",
    ),
    (
        "Windows line ends in a text",
        lambda folder: write(TEXT, (folder / TEXT).read_text().replace("\n", "\r\n"))(folder),
        TEXT,
        "save it with Unix line ends",
    ),
    (
        "what is not UTF-8",
        write(NOTES, "title: Père\n".encode("latin-1")),
        NOTES,
        "save it as UTF-8",
    ),
    ("a text that is not UTF-8", write(TEXT, "Père\n".encode("latin-1")), TEXT, "save it as UTF-8"),
    ("an alias bomb", write(ABOUT, bomb(12)), ABOUT, "write the value out"),
    ("deep nesting", write(ABOUT, "[" * 100_000), ABOUT, "write it flatter"),
    (
        "deep indentation",
        write(ABOUT, "".join(f"{' ' * depth}a:\n" for depth in range(1500))),
        ABOUT,
        "write it flatter",
    ),
    (
        "a hundred thousand keys",
        lambda folder: write(
            ABOUT, (folder / ABOUT).read_text() + "".join(f"k{n}: 1\n" for n in range(100_000))
        )(folder),
        ABOUT,
        "there is no such field here; there are title",
    ),
    (
        "a hundred thousand themes",
        put(NOTES, "themes: [democracy", "themes: [democracy" + ", x" * 100_000),
        NOTES,
        "list at most 4",
    ),
    (
        "a hundred thousand actors",
        put(NOTES, "[kadiatou-keita]", "[kadiatou-keita" + ", x" * 100_000 + "]"),
        NOTES,
        "list at most 100",
    ),
    (
        "a huge value",
        put(NOTES, "    quote: >-\n      ", "    quote: >-\n      " + "word " * 200_000),
        NOTES,
        "write at most 5,000",
    ),
    (
        "a huge name",
        put(ACTORS, 'name: "African Union"', f'name: "{"x" * 1_000_000}"'),
        ACTORS,
        "write at most 5,000",
    ),
    ("a huge key", write(ABOUT, "k" * 1_000_000 + ": x\n"), ABOUT, "is not YAML"),
    (
        "a file of 50 megabytes",
        of_size(NOTES, 50_000_000),
        NOTES,
        "is larger than 5,000,000 bytes: make it smaller",
    ),
    (
        "a text of 50 megabytes",
        of_size(TEXT, 50_000_000),
        TEXT,
        "is larger than 5,000,000 bytes: make it smaller",
    ),
    (
        "a codebook of 50 megabytes",
        of_size("CODEBOOK.md", 50_000_000),
        "CODEBOOK.md",
        "is larger than",
    ),
    (
        "a link",
        instead(TEXT, lambda path: path.symlink_to(path.parents[2] / "moved")),
        TEXT,
        "put the file itself there",
    ),
    (
        "a link to nowhere",
        instead("CODEBOOK.md", lambda path: path.symlink_to("nowhere")),
        "CODEBOOK.md",
        "put the file itself there",
    ),
    (
        "a link to itself",
        instead(NOTES, lambda path: path.symlink_to(path)),
        NOTES,
        "put the file itself there",
    ),
    (
        "a folder that is a link out",
        instead("vocabulary", lambda path: path.symlink_to(path.parents[1] / "moved")),
        THEMES,
        "put the file itself there",
    ),
    (
        "..",
        put(NOTES, "publisher: usip", "publisher: ../../usip"),
        NOTES,
        "must be an id: lower-case letters",
    ),
    (
        "a folder in place of a file",
        instead(NOTES, lambda path: path.mkdir()),
        NOTES,
        "put the file itself there",
    ),
    ("a pipe in place of a file", instead(TEXT, os.mkfifo), TEXT, "put the file itself there"),
    ("a missing file", instead(PLACES, lambda _: None), PLACES, "there is no such file; add it"),
    ("an empty file", write(PLACES, ""), PLACES, "write into it what belongs there"),
    ("an empty text", write(TEXT, ""), TEXT, "put the text there"),
    ("a missing text", instead(TEXT, lambda _: None), NOTES, f"has no text: add {TEXT}"),
    (
        "what is not YAML",
        put(NOTES, "publisher: usip", "publisher: [usip"),
        NOTES,
        "mend it here or just before",
    ),
    (
        "two documents in a file",
        put(NOTES, "language: en", "language: en\n---\na: b"),
        NOTES,
        "into a file of its own",
    ),
    (
        "a theme below itself",
        put(THEMES, "broader: inclusion", "broader: women-participation"),
        THEMES,
        "let one of them stand at the top",
    ),
    (
        "a place within itself",
        put(PLACES, "part_of: sahel", "part_of: gao"),
        PLACES,
        "let one of them stand at the top",
    ),
]


@pytest.mark.parametrize(
    ("spoil", "blamed", "remedy"),
    [fault[1:] for fault in FAULTS],
    ids=[fault[0] for fault in FAULTS],
)
def test_it_is_refused(  # noqa: PLR0917 - fixtures are arguments
    corpus: Path,
    published_file: Path,
    spoil: Spoil,
    blamed: str,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(corpus)
    before = published_file.read_bytes()
    monkeypatch.setenv("BRIEFS_DATABASE_URL", f"sqlite:///{published_file}")
    began = time.monotonic()
    assert main(["--corpus", str(corpus)]) == 1
    assert time.monotonic() - began < 60  # it ends; how fast is another question
    said = capsys.readouterr().err
    found = [line for line in said.splitlines() if line.startswith(f"{blamed}:") and remedy in line]
    assert found, said[:3000]
    assert re.match(rf"{re.escape(blamed)}:[1-9][0-9]*: ", found[0])
    assert said.endswith("Nothing was published.\n")
    assert len(said) < 1_000_000
    assert published_file.read_bytes() == before


def test_the_command_says_so_and_publishes_nothing(corpus: Path, published_file: Path) -> None:
    put(NOTES, QUOTE, "Mali now requires urgent acton.")(corpus)
    before = published_file.read_bytes()
    result = run_seed(f"sqlite:///{published_file}", "--corpus", str(corpus))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{NOTES}:")
    assert result.stderr.endswith("\n\n1 fault in the corpus.\nNothing was published.\n")
    assert published_file.read_bytes() == before


def test_a_file_that_may_not_be_read(corpus: Path) -> None:
    (corpus / NOTES).chmod(0)
    command = [sys.executable, "-m", "seed", "--check", "--corpus", str(corpus)]
    if os.getuid() == 0:  # root may read everything, unless it gives that up
        if shutil.which("setpriv") is None:
            pytest.skip("root cannot give up its rights here")
        command = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", *command]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert f"{NOTES}:1: cannot be read (Permission denied): see to it" in result.stderr
    assert "Traceback" not in result.stderr


FILES = sorted(
    path.relative_to(ROOT / "seed/corpus")
    for name in ("*.yaml", "*.txt", "*.md")
    for path in (ROOT / "seed/corpus").rglob(name)
)


@given(seed=st.integers(0, 2**32), name=st.sampled_from(FILES))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_bytes_are_refused_or_mean_something(
    tmp_path: Path,
    seed: int,
    name: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever happens to the bytes of a corpus file, the check ends with 0, or with 1 and a located fault."""
    folder, chance = tmp_path / "spoilt", random.Random(seed)
    if not folder.exists():
        shutil.copytree(ROOT / "seed/corpus", folder)
    content = bytearray((ROOT / "seed/corpus" / name).read_bytes())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content))
        content[at : at + chance.choice((0, 1, 1, 50))] = chance.randbytes(
            chance.choice((0, 1, 1, 3))
        )
    (folder / name).write_bytes(content)
    began = time.monotonic()
    code = main(["--check", "--corpus", str(folder)])
    assert time.monotonic() - began < 60
    said = capsys.readouterr().err
    shutil.copy(ROOT / "seed/corpus" / name, folder / name)
    assert code in {0, 1}
    assert "Traceback" not in said
    assert code == 0 or re.match(r"(warning: )?[a-zA-Z/.-]+:[1-9][0-9]*: ", said), said[:500]
