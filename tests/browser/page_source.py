"""The source of the explorer: types, format, complete translations, nothing from other hosts."""

import re
import subprocess
from pathlib import Path

import httpx

from tests.browser.conftest import Visit
from tests.conftest import ROOT

STATIC = ROOT / "app/static"
MODULES = sorted(path for path in STATIC.glob("*.js") if path.name != "docs.js")
CODE_MODULES = [path for path in MODULES if not path.name.startswith("strings-")]
SOURCES = sorted(path for path in STATIC.iterdir() if path.suffix in {".js", ".css", ".html"})
MAX_LINES = 400
MAX_LINE_LENGTH = 100

TYPESCRIPT_OPTIONS = """
    --noEmit --allowJs --checkJs --strict --noUnusedLocals --noUnusedParameters
    --target es2022 --module esnext --moduleResolution bundler --lib es2023,dom,dom.iterable
"""

CODES = {
    "strength": ("Recommendation", "strength"),
    "action": ("Recommendation", "action"),
    "kind": ("Claim", "kind"),
    "relation": ("Relation", "type"),
    "confidence": ("Coding", "confidence"),
    "actor-kind": ("Actor", "kind"),
    "article-kind": ("Article", "kind"),
}
"""The prefix of the labels of each enumeration in the API's description: schema and property."""

CODE_GROUPS = [*CODES, "explicit", "narrower", "filter", "type", "matched"]
"""Prefixes of texts that data selects: `translateCode("actor-kind", kind)`."""

KEYS_PASSED = {"docs", "codebook", "quality", "note", "implied"}
"""Texts without a dot in their key that are translated by way of a function or a list."""


def type_errors(node_modules: Path, *modules: Path) -> str:
    compiler = str(node_modules / ".bin/tsc")
    command = [compiler, *TYPESCRIPT_OPTIONS.split(), *map(str, modules)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def string_keys() -> set[str]:
    strings = (STATIC / "strings-en.js").read_text()
    return set(re.findall(r'^  "?([\w.-]+)"?:', strings, re.MULTILINE))


def test_types_are_correct(node_modules: Path) -> None:
    assert type_errors(node_modules, *MODULES) == ""


def test_a_type_error_is_found(node_modules: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.js"
    wrong.write_text(
        f'import {{ element }} from "{STATIC}/element.js";\nelement("a").hrf.trim();\n'
    )
    assert "hrf" in type_errors(node_modules, wrong)


def test_modules_are_formatted(node_modules: Path) -> None:
    prettier = str(node_modules / ".bin/prettier")
    command = [prettier, "--print-width", str(MAX_LINE_LENGTH), "--list-different"]
    result = subprocess.run(
        [*command, *map(str, MODULES)], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stdout) == (0, ""), result.stderr


def test_files_and_lines_are_short() -> None:
    for path in SOURCES:
        lines = path.read_text().splitlines()
        assert len(lines) < MAX_LINES, path.name
        assert not [line for line in lines if len(line) > MAX_LINE_LENGTH], path.name


def test_every_export_is_used() -> None:
    code = {path: path.read_text() for path in MODULES}
    for path, text in code.items():
        others = "".join(other for name, other in code.items() if name != path)
        exports = re.findall(
            r"^export (?:async )?(?:function|const|class) (\w+)", text, re.MULTILINE
        )
        unused = [name for name in exports if not re.search(rf"\b{name}\b", others)]
        assert not unused, (path.name, unused)


def test_no_export_has_two_meanings() -> None:
    """Only views share a name: each has a `render` function."""
    exports = re.findall(
        r"^export (?:async )?(?:function|const|class) (\w+)",
        "".join(path.read_text() for path in MODULES),
        re.MULTILINE,
    )
    assert {name for name in exports if exports.count(name) > 1} == {"render"}


def test_both_languages_have_the_same_texts(visit: Visit) -> None:
    english, french = visit().evaluate(
        """async () => {
          const { en } = await import("/static/strings-en.js");
          const { fr } = await import("/static/strings-fr.js");
          const placeholders = (text) => {
            const found = JSON.stringify(text).match(/\\{\\w+\\}/g) ?? [];
            return [...new Set(found)].sort().join();
          };
          return [en, fr].map((strings) =>
            Object.entries(strings).map(([key, text]) => [key, placeholders(text)]));
        }""",
    )
    assert english == french


def composed_keys() -> list[re.Pattern[str]]:
    """Return patterns of the keys in template literals, such as `role.${name}`."""
    source = "".join(path.read_text() for path in CODE_MODULES if path.name != "i18n.js")
    literals = re.findall(r"`((?:[\w.-]|\$\{[^{}`]*\})+)`", source)
    placeholder = re.compile(r"\$\{.*?\}")
    templates = {literal for literal in literals if "." in placeholder.sub("", literal)}
    return [
        re.compile(re.sub(r"\\\$\\\{.*?\\\}", r"[\\w-]+", re.escape(template)))
        for template in templates
    ]


def test_every_requested_text_exists_and_every_text_is_used() -> None:
    source = "".join(path.read_text() for path in CODE_MODULES)
    keys = string_keys()
    requested = set(re.findall(r'\btranslate\(\s*"([\w.-]+)"', source))
    assert requested <= keys, requested - keys
    # Other keys are passed to a function that translates them. A key without a dot looks like any
    # other word, so these are listed.
    passed = {key for key in keys if "." in key and f'"{key}"' in source} | KEYS_PASSED
    prefixes = tuple(f"{group}." for group in CODE_GROUPS)
    composed = composed_keys()
    unused = {
        key
        for key in keys - requested - passed
        if not key.startswith(prefixes) and not any(pattern.fullmatch(key) for pattern in composed)
    }
    assert unused == set()


def test_every_code_of_the_api_has_a_label(site: str) -> None:
    keys = string_keys()
    schemas = httpx.get(f"{site}openapi.json").json()["components"]["schemas"]
    codes = {
        f"{group}.{code}"
        for group, (schema, name) in CODES.items()
        for code in schemas[schema]["properties"][name]["enum"]
    }
    assert codes <= keys, codes - keys


def test_every_field_that_a_search_matches_has_a_label(site: str) -> None:
    fields = set()
    for collection in ("recommendations", "claims"):
        for q in ("Mali", "ECOWAS", "women", "inclusion"):
            query = {"q": q, "limit": 100, "fields": "matched_in"}
            page = httpx.get(f"{site}{collection}", params=query).json()
            fields |= {field for item in page["data"] for field in item["matched_in"]}
    assert {"statement", "quote", "actors", "themes", "places"} <= fields
    assert {f"matched.{field}" for field in fields} <= string_keys()


def test_nothing_is_from_another_host_and_nothing_is_parsed_as_html() -> None:
    for path in [*SOURCES, STATIC / "explorer.svg"]:
        text = path.read_text()
        code = re.sub(r"^\s*(//|/?\*).*$", "", text, flags=re.MULTILINE)
        urls = re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z.]+[^\s\"')]*", code)
        assert set(urls) <= {"http://www.w3.org/2000/svg"}, (path.name, urls)
        assert "innerHTML" not in text, path.name
        assert not re.search(r"\sstyle=|\son[a-z]+=", text) or path.suffix == ".js", path.name
