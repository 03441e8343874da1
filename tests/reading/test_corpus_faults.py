"""Every kind of fault of a corpus is refused with file, line, field and remedy.

Nothing is published then.
"""

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
from seed.reading.reader import read_corpus
from tests.conftest import ROOT, run_seed

OWN_CORPUS = ROOT / "seed/corpus"
COUPS = "annotations/year-of-coups-mali.yaml"
OTHER = "annotations/peace-talks-sahelian-jihadists.yaml"
TEXT = "sources/year-of-coups-mali.txt"
THEMES, ACTORS, PLACES, DATASET = (
    "vocabulary/themes.yaml",
    "vocabulary/actors.yaml",
    "vocabulary/places.yaml",
    "dataset.yaml",
)
QUOTE = "Mali now requires urgent action."
ULTIMATUMS = (
    "the latter rejecting international “ultimatums” for Mali to hold to its planned schedule."
)
CHANGES = "changes.yaml"
CONTRADICTS = "    relations:\n      - {type: contradicts, claim: c2, note: A note.}\n"
"""A relation of c1 that contradicts the one of c2, “supports c1”."""

Spoil = Callable[[Path], int | None]
"""Spoils a corpus folder; returns the line that it changed, if that is where the fault is."""


def replace(name: str, old: str, new: str) -> Spoil:
    """Replace the first occurrence of a text in a corpus file."""
    return substitute(name, re.escape(old), new.replace("\\", r"\\"))


def substitute(name: str, pattern: str, new: str) -> Spoil:
    """Replace the first match of a regular expression in a corpus file."""

    def spoil(folder: Path) -> int:
        content = (folder / name).read_text()
        match = re.search(pattern, content)
        assert match, pattern
        changed = content[: match.start()] + match.expand(new)
        (folder / name).write_text(changed + content[match.end() :], errors="surrogatepass")
        return content.count("\n", 0, match.start()) + 1

    return spoil


def elsewhere(spoil: Spoil) -> Spoil:
    """Spoil a corpus so that the fault is not reported at the line that is changed."""

    def spoil_and_forget(folder: Path) -> None:
        spoil(folder)

    return spoil_and_forget


def write(name: str, content: str | bytes) -> Spoil:
    """Replace the content of a corpus file."""

    def spoil(folder: Path) -> None:
        encoded = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(encoded)

    return spoil


def change(name: str, function: Callable[[str], str]) -> Spoil:
    """Replace the content of a corpus file by what a function makes of it."""

    def spoil(folder: Path) -> None:
        path = folder / name
        path.write_bytes(function(path.read_text()).encode())

    return spoil


def replace_file(name: str, make: Callable[[Path], object]) -> Spoil:
    """Move a corpus file away and make something else in its place."""

    def spoil(folder: Path) -> None:
        path = folder / name
        path.rename(folder.parent / "moved")
        make(path)

    return spoil


def resize(name: str, size: int) -> Spoil:
    return lambda folder: os.truncate(folder / name, size)


def rename_article(folder: Path) -> None:
    for name in (COUPS, TEXT):
        path = folder / name
        path.rename(path.with_stem("Year Of Coups"))


def alias_bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


def places(number: int) -> str:
    """Return places, each in the one before."""
    return "".join(
        f"- {{id: p{n}, name: P{n}, name_fr: P{n}, kind: district, iso: null, aliases: [], "
        f"part_of: {f'p{n - 1}' if n else 'mali'}, latitude: null, longitude: null}}\n"
        for n in range(number)
    )


def edition(
    added: str = "[]", changed: str = "[]", withdrawn: str = "[]", name: str = "2026.2"
) -> str:
    """Return one edition of changes.yaml."""
    return (
        f'- {{edition: "{name}", published: "2026-11-29", summary: A review., '
        f"added: {added}, changed: {changed}, withdrawn: {withdrawn}}}\n"
    )


# What is wrong, how it comes about, the file that is named, and a part of the line that is printed.
FAULTS: list[tuple[str, Spoil, str, str]] = [
    # --- quotes ---
    (
        "a quote that is not in the text",
        replace(COUPS, QUOTE, "Mali now requires urgent acton."),
        COUPS,
        f"is not in the text, character for character; the nearest passage is “{QUOTE[:25]}",
    ),
    (
        "a quote like nothing in the text",
        replace(COUPS, QUOTE, "Zzyzx qqq wwww 12345 @@@@ ####"),
        COUPS,
        "].quote: is not in the text, character for character: copy the words from the text.",
    ),
    (
        "a quote that occurs twice",
        replace(COUPS, QUOTE, "Mali"),
        COUPS,
        "times in the body: add a prefix or suffix",
    ),
    (
        "a quote with a wrong prefix",
        replace(COUPS, f"{QUOTE}\n", f"{QUOTE}\n    prefix: Mars\n"),
        COUPS,
        "].quote: is in the body, but not with this prefix and suffix: copy the words",
    ),
    (
        "a quote in another Unicode form",
        replace(COUPS, QUOTE, "Colonel Assimi Goi\u0308ta seized power."),
        COUPS,
        "in another Unicode form than the text: copy the words from the text",
    ),
    (
        "a text in another Unicode form",
        elsewhere(replace(TEXT, "Assimi Goïta", "Assimi Goi\u0308ta")),
        COUPS,
        "in another Unicode form than the text: copy the words from the text",
    ),
    (
        "a quote outside the body",
        replace(COUPS, QUOTE, "The Urgent Case of Mali"),
        COUPS,
        "not within one paragraph of its standfirst or body: quote the body, or correct `parts`",
    ),
    (
        "a quote that cuts words",
        replace(COUPS, QUOTE, QUOTE[1:-2]),
        COUPS,
        "].quote: begins or ends within a word: quote whole words",
    ),
    (
        "a statement that is the quote",
        substitute(COUPS, r"(    quote: >-\n      (.*)\n    statement: >-\n      ).*", r"\1\2"),
        COUPS,
        "].statement: repeats the quote: write a sentence",
    ),
    # --- parts ---
    (
        "a part outside the text",
        replace(COUPS, "lines: 44-106", "lines: 44-9999"),
        COUPS,
        "]: the text has only 106 lines: correct the numbers",
    ),
    (
        "a part that ends before it begins",
        replace(COUPS, "lines: 44-106", "lines: 106-44"),
        COUPS,
        "].lines: must be a line number or a range of lines: 12 or 12-14",
    ),
    (
        "a line of two parts",
        replace(COUPS, "lines: 1,", "lines: 1-3,"),
        COUPS,
        "parts[1]: line 3 already belongs to another part: list it once",
    ),
    (
        "a line of no part",
        elsewhere(replace(COUPS, "  - {lines: 41, is: biography}\n", "")),
        COUPS,
        "parts: line 41 of the text belongs to no part: add it to one: “",
    ),
    (
        "an unknown kind of part",
        replace(COUPS, "is: biography", "is: biografy"),
        COUPS,
        "].is: must be one of 'title'",
    ),
    # --- references ---
    (
        "an unknown theme",
        replace(COUPS, "themes: [democracy", "themes: [democrcy"),
        COUPS,
        "].themes[0]: there is no 'democrcy' in vocabulary/themes.yaml (did you mean 'democracy'",
    ),
    (
        "an unknown actor",
        replace(COUPS, "sources: [kadiatou-keita]", "sources: [kadiatou-keit]"),
        COUPS,
        "].sources[0]: there is no 'kadiatou-keit' in vocabulary/actors.yaml (did you mean 'kadi",
    ),
    (
        "an unknown place",
        replace(COUPS, "places: [mali]", "places: [malli]"),
        COUPS,
        "].places[0]: there is no 'malli' in vocabulary/places.yaml (did you mean 'mali'",
    ),
    (
        "an unknown publisher",
        replace(COUPS, "publisher: usip", "publisher: usib"),
        COUPS,
        "publisher: there is no 'usib' in vocabulary/actors.yaml (did you mean 'usip'",
    ),
    (
        "a theme with its broader theme",
        replace(COUPS, "themes: [democracy", "themes: [governance, democracy"),
        COUPS,
        "is listed with its broader theme 'governance': keep the narrower one",
    ),
    (
        "a theme listed twice",
        replace(COUPS, "themes: [democracy", "themes: [democracy, democracy"),
        COUPS,
        "].themes[1]: 'democracy' appears twice: keep one",
    ),
    (
        "a reason in another article",
        replace(COUPS, "based_on: [c", "based_on: [crisis-in-mali-root-causes.c1, c"),
        COUPS,
        "c1' in this article: a recommendation is based on claims of its own article",
    ),
    (
        "an unknown reason",
        replace(COUPS, "based_on: [c", "based_on: [c999, c"),
        COUPS,
        "].based_on[0]: there is no claim 'c999' in this article: correct it, or add the claim",
    ),
    (
        "a note on an item that does not exist",
        replace(COUPS, "\n    note: >-\n      ", "\n    note: >-\n      See c999. "),
        COUPS,
        "].note: mentions c999, which is not in this file: correct the note",
    ),
    (
        "an unknown broader theme",
        replace(THEMES, "broader: inclusion", "broader: inclussion"),
        THEMES,
        "].broader: there is no 'inclussion' in vocabulary/themes.yaml (did you mean 'inclusion'",
    ),
    (
        "an actor that nothing refers to",
        elsewhere(replace(ACTORS, "- id: academics", "- id: nobody")),
        ACTORS,
        "[nobody].id: nothing refers to 'nobody': use it or remove it",
    ),
    (
        "a theme below itself",
        elsewhere(replace(THEMES, "broader: inclusion", "broader: women-participation")),
        THEMES,
        "].broader: forms a cycle: women-participation → ",
    ),
    (
        "a place within itself",
        elsewhere(replace(PLACES, "part_of: sahel", "part_of: gao")),
        PLACES,
        ": set one of them to null",
    ),
    (
        "a vocabulary of 1,200 levels",
        change(PLACES, lambda content: f"{content}\n{places(1200)}"),
        PLACES,
        "].part_of: is more than 20 levels deep: choose a broader entry",
    ),
    # --- ids and names ---
    (
        "an id given twice",
        elsewhere(replace(COUPS, "  - id: c2\n", "  - id: c1\n")),
        COUPS,
        "claims[c1].id: 'c1' appears twice: give one of them a new number",
    ),
    (
        "an id of another form",
        replace(COUPS, "  - id: c2\n", "  - id: d2\n"),
        COUPS,
        "claims[d2].id: 'd2' must be c and a number, such as c12",
    ),
    (
        "a theme's id given twice",
        elsewhere(replace(THEMES, "- id: women-participation", "- id: youth-participation")),
        THEMES,
        "[youth-participation].id: 'youth-participation' appears twice",
    ),
    (
        "a name of two themes",
        elsewhere(replace(THEMES, 'label: "Governance"', 'label: "Inclusion"')),
        THEMES,
        "“Inclusion” already names 'inclusion': a name must lead to one entry",
    ),
    (
        "a name of two actors, written differently",
        elsewhere(replace(ACTORS, 'aliases: ["AU", ', 'aliases: ["ecowas", ')),
        ACTORS,
        ": a name must lead to one entry",
    ),
    (
        "a name that is too long",
        replace(ACTORS, 'name: "African Union"', f'name: "{"x" * 65}"'),
        ACTORS,
        "].name: must have 1 to 64 characters",
    ),
    (
        "a name with a quotation mark",
        replace(ACTORS, 'name: "African Union"', "name: 'African \"Union\"'"),
        ACTORS,
        '].name: must not contain "',
    ),
    (
        "a title of two articles",
        substitute(OTHER, r"title: >-\n.*\n", "title: Year of Coups – Mali\n"),
        OTHER,
        "title: is also the title or id of 'year-of-coups-mali': a title must lead to one article",
    ),
    (
        "a file name that cannot be an id",
        rename_article,
        "annotations/Year Of Coups.yaml",
        "has a name that cannot be an id: use lower-case letters, digits and hyphens",
    ),
    (
        "..",
        replace(COUPS, "publisher: usip", "publisher: ../../usip"),
        COUPS,
        "publisher: '../../usip' must be an id: lower-case letters",
    ),
    # --- values ---
    (
        "a missing field",
        replace(COUPS, 'published: "2021-10"\n', ""),
        COUPS,
        "published: is missing: add it (null if the fact is unknown",
    ),
    (
        "an unknown field",
        replace(COUPS, "kind: analysis", "kind: analysis\ncolour: red"),
        COUPS,
        "colour: is not a field of this record: remove or rename it; the fields are title, ",
    ),
    (
        "an unknown kind",
        replace(COUPS, "kind: analysis", "kind: analysys"),
        COUPS,
        "kind: must be one of 'story'",
    ),
    (
        "an unknown strength",
        replace(COUPS, "strength: must", "strength: shall"),
        COUPS,
        "].strength: must be one of 'must'",
    ),
    (
        "a number in place of text",
        replace(COUPS, 'published: "2021-10"', "published: 2021"),
        COUPS,
        "published: must be text: write it in quotes (found 2021)",
    ),
    (
        "an edition without quotes",
        substitute(DATASET, r'edition: "(.*)"', r"edition: \1"),
        DATASET,
        "edition: must be text: write it in quotes (found 20",
    ),
    (
        "text in place of a truth value",
        replace(COUPS, "explicit: true", 'explicit: "true"'),
        COUPS,
        "].explicit: must be true or false",
    ),
    (
        "text in place of a list",
        replace(COUPS, "places: [mali]", "places: mali"),
        COUPS,
        "].places: must be a list: [one, two], or [] if there is none",
    ),
    (
        "a month that does not exist",
        replace(COUPS, 'published: "2021-10"', 'published: "2021-13"'),
        COUPS,
        "published: is no day of the calendar",
    ),
    (
        "an address without https",
        replace(COUPS, "url: https://www", "url: www"),
        COUPS,
        "url: must be the address of the page: https://…",
    ),
    (
        "a latitude beyond the pole",
        replace(PLACES, "latitude: 17.31", "latitude: 97.31"),
        PLACES,
        "].latitude: input should be less than or equal to 90",
    ),
    (
        "a longitude without latitude",
        elsewhere(replace(PLACES, "latitude: 17.31", "latitude: null")),
        PLACES,
        "[mali]: latitude and longitude belong together: give both, or null for both",
    ),
    (
        "a citation without version",
        replace(DATASET, "version {version}", "this version"),
        DATASET,
        "citation: must contain {version}",
    ),
    (
        "an empty text value",
        replace(ACTORS, 'name: "African Union"', 'name: ""'),
        ACTORS,
        "].name: must not be empty, nor begin or end with white space",
    ),
    (
        "a hundred thousand keys",
        change(DATASET, lambda content: content + "".join(f"k{n}: 1\n" for n in range(100_000))),
        DATASET,
        "is not a field of this record: remove or rename it; the fields are title",
    ),
    (
        "a hundred thousand themes",
        replace(COUPS, "themes: [democracy", "themes: [democracy" + ", x" * 100_000),
        COUPS,
        "].themes: has 100,0",
    ),
    (
        "a hundred thousand actors",
        replace(COUPS, "sources: [kadiatou-keita", "sources: [kadiatou-keita" + ", x" * 100_000),
        COUPS,
        "].sources: has 100,001 entries: list at most 100",
    ),
    (
        "a huge value",
        replace(COUPS, "    quote: >-\n      ", "    quote: >-\n      " + "word " * 200_000),
        COUPS,
        "].quote: is too long: write at most 5,000 characters",
    ),
    (
        "a huge name",
        replace(ACTORS, 'name: "African Union"', f'name: "{"x" * 1_000_000}"'),
        ACTORS,
        "].name: is too long: write at most 5,000 characters",
    ),
    # --- YAML ---
    (
        "a key given twice",
        replace(COUPS, "language: en", "language: en\nlanguage: fr"),
        COUPS,
        "language: appears twice: keep one",
    ),
    (
        "no, read as false",
        replace(COUPS, "language: en", "language: no"),
        COUPS,
        'language: YAML reads no as bool, not as text: write true or false, or "no" in quotes',
    ),
    (
        "yes, read as true",
        replace(COUPS, "explicit: true", "explicit: yes"),
        COUPS,
        "].explicit: YAML reads yes as bool, not as text: write true or false",
    ),
    (
        "a date, read as one",
        replace(COUPS, '"2021-10"', "2021-10-26"),
        COUPS,
        'published: YAML reads 2021-10-26 as timestamp, not as text: write "2021-10-26" in quotes',
    ),
    (
        "012, read as ten",
        replace(COUPS, '"2021-10"', "012"),
        COUPS,
        'published: YAML reads 012 as int, not as text: write "012" in quotes',
    ),
    (
        "12:30, read as 750",
        replace(COUPS, '"2021-10"', "12:30"),
        COUPS,
        'write "12:30" in quotes if you mean text',
    ),
    (
        "1_000, read as 1000",
        replace(COUPS, '"2021-10"', "1_000"),
        COUPS,
        'write "1_000" in quotes if you mean text',
    ),
    (
        "what is not YAML",
        elsewhere(replace(COUPS, "publisher: usip", "publisher: [usip")),
        COUPS,
        "; correct this line or the one before",
    ),
    (
        "a tab",
        replace(COUPS, "title: >-", "\ttitle: >-"),
        COUPS,
        "is not valid YAML: found character '\\t'",
    ),
    (
        "two documents in a file",
        replace(COUPS, "language: en", "language: en\n---\na: b"),
        COUPS,
        "contains another document: remove this line, or split the file here",
    ),
    (
        "an anchor",
        replace(COUPS, "publisher: usip", "publisher: &p usip"),
        COUPS,
        "has an anchor, alias or tag (&, * or !): write the value out, or quote it",
    ),
    ("an alias bomb", write(DATASET, alias_bomb(12)), DATASET, "has an anchor, alias or tag"),
    ("deep nesting", write(DATASET, "[" * 100_000), DATASET, "close brackets, or nest less"),
    (
        "deep indentation",
        write(DATASET, "".join(f"{' ' * depth}a:\n" for depth in range(1500))),
        DATASET,
        "is nested more than 20 levels deep",
    ),
    ("a huge key", write(DATASET, "k" * 1_000_000 + ": x\n"), DATASET, "is not valid YAML"),
    (
        "a list in place of fields",
        write(COUPS, "- a\n- b\n"),
        COUPS,
        "must contain fields such as “title:”",
    ),
    (
        "fields in place of a list",
        write(THEMES, "a: b\n"),
        THEMES,
        "must be a list: begin each entry with “- id:”",
    ),
    # --- characters ---
    (
        "NUL",
        replace(COUPS, "language: en", "language: en\0"),
        COUPS,
        "contains a NUL character: remove it",
    ),
    ("NUL in a text", replace(TEXT, "Mali", "Ma\0li"), TEXT, "contains a NUL character: remove it"),
    (
        "NUL as an escape sequence",
        replace(COUPS, "kind: analysis", 'kind: "a\\0"'),
        COUPS,
        "kind: contains a control character or half of a surrogate pair: remove it",
    ),
    (
        "a control character in a text",
        change(TEXT, lambda content: content + "\x1b"),
        TEXT,
        "contains the control character U+001B: remove it",
    ),
    (
        "half of a surrogate pair",
        replace(COUPS, "language: en", "language: \ud800"),
        COUPS,
        "is not UTF-8: save it as UTF-8",
    ),
    (
        "half of a surrogate pair as an escape sequence",
        replace(COUPS, "kind: analysis", 'kind: "\\ud800"'),
        COUPS,
        "kind: contains a control character or half of a surrogate pair: remove it",
    ),
    (
        "a byte order mark",
        replace(COUPS, "title:", "\ufefftitle:"),
        COUPS,
        "contains a byte order mark: save it as UTF-8 without one",
    ),
    (
        "a byte order mark in a text",
        change(TEXT, lambda content: "\ufeff" + content),
        TEXT,
        "contains a byte order mark: save it as UTF-8 without one",
    ),
    (
        "Windows line endings",
        change(COUPS, lambda content: content.replace("\n", "\r\n")),
        COUPS,
        "contains carriage returns: save it with Unix line endings",
    ),
    (
        "Windows line endings in a text",
        change(TEXT, lambda content: content.replace("\n", "\r\n")),
        TEXT,
        "contains carriage returns: save it with Unix line endings",
    ),
    (
        "Latin-1",
        write(COUPS, "title: Père\n".encode("latin-1")),
        COUPS,
        "is not UTF-8: save it as UTF-8",
    ),
    (
        "a text in Latin-1",
        write(TEXT, "Père\n".encode("latin-1")),
        TEXT,
        "is not UTF-8: save it as UTF-8",
    ),
    # --- files ---
    *(
        (
            f"{name} of 50 megabytes",
            resize(name, 50_000_000),
            name,
            "is larger than 5,000,000 bytes: shorten it or split it",
        )
        for name in (COUPS, TEXT, "CODEBOOK.md")
    ),
    (
        "a link",
        replace_file(TEXT, lambda path: path.symlink_to(path.parents[2] / "moved")),
        TEXT,
        "is a link or lies outside the corpus folder: put the file itself there",
    ),
    (
        "a link to nowhere",
        replace_file("CODEBOOK.md", lambda path: path.symlink_to("nowhere")),
        "CODEBOOK.md",
        "is a link or lies outside",
    ),
    (
        "a link to itself",
        replace_file(COUPS, lambda path: path.symlink_to(path)),
        COUPS,
        "is a link or lies outside",
    ),
    (
        "a folder that is a link to another place",
        replace_file("vocabulary", lambda path: path.symlink_to(path.parents[1] / "moved")),
        THEMES,
        "is a link or lies outside",
    ),
    (
        "a folder in place of a file",
        replace_file(COUPS, lambda path: path.mkdir()),
        COUPS,
        "is not a regular file: put the file itself there",
    ),
    (
        "a pipe in place of a file",
        replace_file(TEXT, os.mkfifo),
        TEXT,
        "is not a regular file: put the file itself there",
    ),
    (
        "a missing file",
        replace_file(PLACES, lambda _: None),
        PLACES,
        "does not exist: add this file",
    ),
    ("a missing text", replace_file(TEXT, lambda _: None), COUPS, f"has no text: add {TEXT}"),
    (
        "missing annotations",
        replace_file(COUPS, lambda _: None),
        TEXT,
        f"has no annotations: add {COUPS}",
    ),
    ("an empty file", write(PLACES, ""), PLACES, "is empty: write its content"),
    ("a file with null", write(COUPS, "null\n"), COUPS, "is empty: write its content"),
    ("an empty text", write(TEXT, ""), TEXT, "is empty: add the text as it was collected"),
    # --- quotation marks, relations, dates, counts and changes ---
    (
        "a quote that opens a quotation mark and does not close it",
        replace(COUPS, ULTIMATUMS, "rejecting international “ultimatums"),
        COUPS,
        "begin after it, or go on to its end",
    ),
    (
        "a quote that closes a quotation mark and does not open it",
        replace(COUPS, ULTIMATUMS, "ultimatums” for Mali"),
        COUPS,
        "end before it, or begin earlier",
    ),
    (
        "a statement that opens a quotation mark and does not close it",
        replace(COUPS, "rejected international “ultimatums”", "rejected “ultimatums"),
        COUPS,
        "begin after it, or go on to its end",
    ),
    (
        "a claim that contradicts what supports it",
        elsewhere(replace(COUPS, "  - id: c2\n", f"{CONTRADICTS}  - id: c2\n")),
        COUPS,
        "but it is also stated that",
    ),
    (
        "a claim that supports and qualifies another",
        replace(
            COUPS,
            "      - type: supports\n        claim: c1\n",
            "      - {type: qualifies, claim: c1, note: A note.}\n"
            "      - type: supports\n        claim: c1\n",
        ),
        COUPS,
        "but it is also stated that",
    ),
    (
        "a publication in the future",
        replace(COUPS, 'published: "2021-10"', 'published: "2999-10"'),
        COUPS,
        "give a date that has come",
    ),
    (
        "coding in the future",
        replace(COUPS, 'coded_on: "2026-11-21"', 'coded_on: "2999-11-21"'),
        COUPS,
        "give a date that has come",
    ),
    (
        "a reprint in the future",
        replace(
            COUPS,
            "coding: {coder",
            'reprints: [{publisher: X, url: "https://example.org/x", published: "2999"}]\n'
            "coding: {coder",
        ),
        COUPS,
        "give a date that has come",
    ),
    (
        "a reprint without an address",
        replace(COUPS, "coding: {coder", "reprints: [{publisher: X}]\ncoding: {coder"),
        COUPS,
        "is missing: add it",
    ),
    (
        "a description of another number of articles",
        replace(DATASET, "Five articles", "Six articles"),
        DATASET,
        "correct the number",
    ),
    (
        "a description of another number of briefs, in digits",
        replace(DATASET, "Five articles", "4 policy briefs"),
        DATASET,
        "correct the number",
    ),
    (
        "a change of what never was",
        write(CHANGES, edition(added="[{id: year-of-coups-mali.c999, why: W}]")),
        CHANGES,
        "and none was withdrawn: correct the id",
    ),
    (
        "a change of an actor that never was",
        write(CHANGES, edition(added="[{id: actors/nobody, why: W}]")),
        CHANGES,
        "and none was withdrawn: correct the id",
    ),
    (
        "a withdrawn id that is given again",
        write(
            CHANGES, edition(withdrawn="[{id: year-of-coups-mali.r1, why: W, replaced_by: null}]")
        ),
        CHANGES,
        "give the new item a number that was never used",
    ),
    (
        "a withdrawn article that is there",
        write(CHANGES, edition(withdrawn="[{id: year-of-coups-mali, why: W, replaced_by: null}]")),
        CHANGES,
        "is withdrawn, but the corpus still has it",
    ),
    (
        "a replacement that is not there",
        write(CHANGES, edition(withdrawn="[{id: a-brief.c1, why: W, replaced_by: a-brief.c2}]")),
        CHANGES,
        "name what replaces the item, or null",
    ),
    (
        "a number given twice",
        write(
            CHANGES,
            edition(added="[{id: year-of-coups-mali.c1, why: W}]")
            + edition(added="[{id: year-of-coups-mali.c1, why: W}]", name="2026.1"),
        ),
        CHANGES,
        "each number is given once; keep one entry",
    ),
    (
        "an edition given twice",
        write(CHANGES, edition() + edition()),
        CHANGES,
        "'2026.2' appears twice: keep one",
    ),
    (
        "a change of a field that is none",
        write(CHANGES, edition(changed="[{id: year-of-coups-mali.r1, fields: [kind], why: W}]")),
        CHANGES,
        "'kind' is not a field of it: the fields are quote",
    ),
    (
        "a change of an id that is none",
        write(CHANGES, edition(added="[{id: claims/c1, why: W}]")),
        CHANGES,
        "must be an article, annotation or entry",
    ),
    (
        "changes that are no list",
        write(CHANGES, "edition: x\n"),
        CHANGES,
        "must be a list",
    ),
]

# What looks like a fault and is none.
ALLOWED: list[tuple[str, Spoil]] = [
    ("no changes.yaml", lambda folder: (folder / CHANGES).unlink()),
    (
        "support in one direction, a limit in the other",
        replace(
            COUPS, "  - id: c2\n", CONTRADICTS.replace("contradicts", "qualifies") + "  - id: c2\n"
        ),
    ),
    (
        "a change of what was withdrawn later",
        write(
            CHANGES,
            edition(withdrawn="[{id: a-brief.c1, why: W, replaced_by: actors/mali}]")
            + edition(changed="[{id: a-brief.c1, fields: [quote], why: W}]", name="2026.1"),
        ),
    ),
    (
        "other numbers in a description",
        replace(DATASET, "two separate passes", "two passes of texts"),
    ),
]


@pytest.mark.parametrize(
    ("spoil", "file", "printed"),
    [fault[1:] for fault in FAULTS],
    ids=[fault[0] for fault in FAULTS],
)
def test_it_is_refused(  # noqa: PLR0917 - fixtures are arguments
    corpus: Path,
    published_file: Path,
    spoil: Spoil,
    file: str,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    changed_line = spoil(corpus)
    before = published_file.read_bytes()
    monkeypatch.setenv("BRIEFS_DATABASE_URL", f"sqlite:///{published_file}")
    start = time.monotonic()
    assert main(["--corpus", str(corpus)]) == 1
    assert time.monotonic() - start < 60  # it ends; how fast is another question
    messages = capsys.readouterr().err
    found = [line for line in messages.splitlines() if line.startswith(file) and printed in line]
    assert found, messages[:3000]
    match = re.match(rf"{re.escape(file)}:([1-9][0-9]*): ", found[0])
    assert match
    if changed_line:
        assert abs(int(match[1]) - changed_line) <= 12  # in the same record
    assert messages.endswith("Nothing was published.\n")
    assert len(messages) < 1_000_000
    assert published_file.read_bytes() == before


@pytest.mark.parametrize("change", [case[1] for case in ALLOWED], ids=[case[0] for case in ALLOWED])
def test_it_is_not_refused(corpus: Path, change: Spoil) -> None:
    change(corpus)
    assert len(read_corpus(corpus).articles) == 5


def test_quotation_marks_of_another_language_may_stand_alone(corpus: Path) -> None:
    """Swedish opens and closes with the mark that closes in English."""
    replace(COUPS, "language: en", "language: sv")(corpus)
    replace(COUPS, ULTIMATUMS, "rejecting international “ultimatums")(corpus)
    assert len(read_corpus(corpus).articles) == 5


def test_what_cannot_be_read_is_not_missed_by_the_changes(
    corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(OTHER, "title: [\n")(corpus)
    assert main(["--check", "--corpus", str(corpus)]) == 1
    said = capsys.readouterr().err
    assert OTHER in said
    assert f"{CHANGES}:" not in said


def test_the_command_reports_one_fault_and_publishes_nothing(
    corpus: Path, published_file: Path
) -> None:
    line = replace(COUPS, QUOTE, "Mali now requires urgent acton.")(corpus)
    assert line
    before = published_file.read_bytes()
    result = run_seed(f"sqlite:///{published_file}", "--corpus", str(corpus))
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{COUPS}:{line - 1}: recommendations[")  # the line of `quote:`
    assert result.stderr.endswith("\n\n1 fault in the corpus.\nNothing was published.\n")
    assert published_file.read_bytes() == before


def test_a_file_without_permission_to_read(corpus: Path) -> None:
    (corpus / COUPS).chmod(0)
    command = [sys.executable, "-m", "seed", "--check", "--corpus", str(corpus)]
    if os.getuid() == 0:  # root may read every file, unless it gives that right up
        if shutil.which("setpriv") is None:
            pytest.skip("root cannot give up its rights here")
        command = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all", *command]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert f"{COUPS}:1: cannot be read (Permission denied): give the user who" in result.stderr
    assert "Traceback" not in result.stderr


FILES = sorted(
    path.relative_to(OWN_CORPUS)
    for name in ("*.yaml", "*.txt", "*.md")
    for path in OWN_CORPUS.rglob(name)
)


@given(seed=st.integers(0, 2**32), name=st.sampled_from(FILES))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_bytes_are_refused_or_accepted(
    tmp_path: Path,
    seed: int,
    name: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever the bytes of a file, the check ends with 0, or with 1 and a fault with its place."""
    folder, chance = tmp_path / "spoilt", random.Random(seed)
    if not folder.exists():
        shutil.copytree(OWN_CORPUS, folder)
    content = bytearray((OWN_CORPUS / name).read_bytes())
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(content))
        content[at : at + chance.choice((0, 1, 1, 50))] = chance.randbytes(
            chance.choice((0, 1, 1, 3))
        )
    (folder / name).write_bytes(content)
    start = time.monotonic()
    code = main(["--check", "--corpus", str(folder)])
    assert time.monotonic() - start < 60
    messages = capsys.readouterr().err
    shutil.copy(OWN_CORPUS / name, folder / name)
    assert code in {0, 1}
    assert "Traceback" not in messages
    first_line = r"(warning: )?[a-zA-Z/.-]+:[1-9][0-9]*: "
    assert code == 0 or re.match(first_line, messages), messages[:500]
