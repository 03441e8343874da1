"""The source of the explorer: typed, both languages whole, nothing from elsewhere."""

import re
import subprocess
from pathlib import Path

from tests.browser.conftest import Visit
from tests.conftest import ROOT

STATIC = ROOT / "app/static"
MODULES = sorted(path for path in STATIC.glob("*.js") if path.name != "docs.js")
TYPES = (
    "--noEmit",
    "--allowJs",
    "--checkJs",
    "--strict",
    "--noUnusedLocals",
    "--target",
    "es2022",
    "--module",
    "esnext",
)


def checked(node_modules: Path, *modules: Path) -> str:
    command = [
        str(node_modules / ".bin/tsc"),
        *TYPES,
        "--moduleResolution",
        "bundler",
        "--lib",
        "es2023,dom,dom.iterable",
    ]
    return subprocess.run(
        [*command, *map(str, modules)], capture_output=True, text=True, check=False
    ).stdout


def test_types_hold(node_modules: Path) -> None:
    assert checked(node_modules, *MODULES) == ""


def test_a_wrong_type_is_found(node_modules: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text(f'import {{ h }} from "{STATIC}/element.js";\nh("a").hrf.trim();\n')
    assert "hrf" in checked(node_modules, wrong)


def test_both_languages_say_the_same_things(visit: Visit) -> None:
    said = visit().evaluate(
        """async () => {
          const { en } = await import("/static/strings-en.js");
          const { fr } = await import("/static/strings-fr.js");
          const parts = (text) => [...new Set(JSON.stringify(text).match(/\\{\\w+\\}/g) ?? [])].sort().join();
          const described = (strings) => Object.fromEntries(Object.entries(strings).map(([key, text]) => [key, parts(text)]));
          return [described(en), described(fr)];
        }""",
    )
    assert said[0] == said[1]


def test_every_word_that_is_asked_for_is_there_and_used() -> None:
    known = set(
        re.findall(r'^  "?([\w.-]+)"?:', (STATIC / "strings-en.js").read_text(), re.MULTILINE)
    )
    source = "".join(path.read_text() for path in MODULES if not path.name.startswith("strings-"))
    asked = set(re.findall(r'\bt\("([\w.-]+)"', source))
    assert asked <= known, asked - known
    made = [
        re.compile(re.sub(r"\\\$\\{[^`]*?\\}", "[\\\\w.-]+", re.escape(found)))
        for found in re.findall(r"t\(`([^`]+)`", source)
    ]
    grouped = [
        *re.findall(r'word\("([\w-]+)"', source),
        "filter",
        "kind",
        "strength",
        "action",
        "relation",
        "type",
    ]
    groups = tuple(f"{name}." for name in grouped)
    unused = {
        key
        for key in known - asked
        if not key.startswith(groups) and not any(form.fullmatch(key) for form in made)
    }
    assert {key for key in unused if f'"{key}"' not in source} == set()


def test_modules_are_small_and_nothing_is_from_elsewhere() -> None:
    for path in [
        *STATIC.glob("*.js"),
        *STATIC.glob("*.css"),
        *STATIC.glob("*.html"),
        *STATIC.glob("*.svg"),
    ]:
        text = path.read_text()
        assert len(text.splitlines()) < 400, path.name
        foreign = re.findall(
            r"(?:https?:)?//[a-z0-9-]+\.[a-z.]+[^\s\"')]*",
            re.sub(r"^\s*(//|/?\*).*$", "", text, flags=re.MULTILINE),
        )
        assert set(foreign) <= {"http://www.w3.org/2000/svg"}, (path.name, foreign)
        assert "innerHTML" not in text, path.name
        assert not re.search(r"\sstyle=|\son[a-z]+=", text) or path.suffix == ".js", path.name
