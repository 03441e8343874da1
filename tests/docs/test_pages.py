"""README.md and docs/*.md: every command runs, every answer is current, every table is complete."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.responses.formats import CITATION_FORMATS, LIST_FORMATS
from app.settings import Settings
from tests.conftest import run_seed, serving
from tests.docs import examples
from tests.docs.examples import ROOT, Tool

README = ROOT / "README.md"
DOCUMENTS = [
    *examples.PAGES,
    *(ROOT / name for name in ("ARCHITECTURE.md", "CHANGELOG.md", "SECURITY.md")),
    ROOT / "seed/corpus/CODEBOOK.md",
]
ANSWERS = [
    pytest.param(shown[1], shown[2].rstrip("\n"), id=f"{page.name}-{number}")
    for page in examples.PAGES
    for number, shown in enumerate(examples.CONSOLE.finditer(page.read_text(encoding="utf-8")))
]
TOOLS = [tool for tool in examples.tools() if not tool.needs_clients]
SEED = ".venv/bin/python -m seed"
TRIED_ELSEWHERE = {
    "make run": "test_make_run_publishes_and_serves",
    "make test": "test_ci_ends_with_the_test_command",
    "make bench": "tests/benchmarks",
    "BRIEFS_DATABASE_URL=sqlite:///mine.db make run": "test_make_run_publishes_and_serves",
    ".venv/bin/python -m app": "test_make_run_publishes_and_serves",
    ".venv/bin/python -m tests.docs.examples": "test_the_answers_can_be_regenerated",
    "docker build": "tests/faults/fault_container.py",
    "docker run": "tests/faults/fault_container.py",
    "docker compose": "test_reader_role.py",
    "printf": "the passwords of Compose",
    "READER_PASSWORD": "test_reader_role.py",
    "BRIEFS_DATABASE_URL=postgresql": "test_reader_role.py",
    ".venv/bin/uvicorn": "test_another_server_can_serve",
    "npm install": "tests/clients/client_typescript.py",
    "npx": "tests/clients/client_typescript.py",
}
"""Commands of `sh` blocks that this module does not run as they stand, and what runs them."""


on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")
"""The documentation describes the default database; other tests compare the two."""


def page_text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def shell_lines() -> list[str]:
    """Return the command lines of all `sh` blocks."""
    return [
        line.strip()
        for page in examples.PAGES
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        for line in block.splitlines()
        if line.strip()
    ]


@on_sqlite
@pytest.mark.parametrize(("command", "shown"), ANSWERS)
def test_the_answers_shown_are_current(
    command: str, shown: str, server: str, database_url: str
) -> None:
    environment = os.environ | {"BRIEFS_DATABASE_URL": database_url}
    assert examples.answer(command, server, environment) == shown


@on_sqlite
def test_the_answers_can_be_regenerated(server: str, tmp_path: Path) -> None:
    """The command restores a spoilt page, with the standard library alone."""
    page = tmp_path / "page.md"
    console = "```console\n$ curl -s 'localhost:8000/themes?limit=1&fields=id'\n{}\n```\n"
    page.write_text(console.format("an old answer"), encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from tests.docs import examples as e; "
        "e.ROOT = Path(sys.argv[1]); e.PAGES = [e.ROOT / 'page.md']; e.regenerate(sys.argv[2])"
    )
    result = subprocess.run(
        [sys.executable, "-S", "-c", program, tmp_path, server],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "page.md has new answers." in result.stdout
    assert '"id": "inclusion"' in page.read_text(encoding="utf-8")


@on_sqlite
@pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
def test_the_tools_work(server: str, tmp_path: Path, tool: Tool) -> None:
    """Each command runs and prints something, or writes a file."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", examples.here(tool.command, server)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
    assert "/problems/" not in result.stdout


@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_every_row_of_a_tools_table_is_tried(page: str) -> None:
    section = examples.tools_section(page_text(page))
    rows = section.count("\n| ") - 2  # the header and the line below it
    assert rows == len(examples.TOOL.findall(section)) > 0


def test_every_shell_command_is_tried() -> None:
    lines = shell_lines()
    assert len(lines) > 10
    for line in lines:
        tried = re.fullmatch(rf"{re.escape(SEED)}( --check)?", line)
        assert tried or any(line.startswith(start) for start in TRIED_ELSEWHERE), line


def test_the_example_brief_can_be_published(corpus: Path, tmp_path: Path) -> None:
    """The README's complete example: its files pass the check, and the API serves them."""
    section = page_text("README.md").split("## Add a brief")[1].split("\n## ")[0]
    step = r"`seed/corpus/([^`]+)`:\n\n +```\w+\n(.*?)\n +```"
    files = re.findall(step, section, re.DOTALL)
    assert [file.split("/")[0] for file, _ in files] == ["sources", "vocabulary", "annotations"]
    for file, block in files:
        content = re.sub(r"(?m)^ {3}", "", block) + "\n"
        path = corpus / file
        if path.exists():
            content = path.read_text(encoding="utf-8") + content
        path.write_text(content, encoding="utf-8")
    about = (corpus / "dataset.yaml").read_text(encoding="utf-8")
    about = about.replace("Five articles", "Six articles")
    (corpus / "dataset.yaml").write_text(
        re.sub(r'(?m)^edition: ".*"', 'edition: "2099.1"', about), encoding="utf-8"
    )
    url = f"sqlite:///{tmp_path / 'briefs.db'}"
    commands = [line for line in shell_lines() if line.startswith(SEED)][:2]
    assert [command.removeprefix(SEED).split() for command in commands] == [["--check"], []]
    for command in commands:
        arguments = command.removeprefix(SEED).split()
        result = run_seed(url, *arguments, "--corpus", str(corpus))
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
    with serving(Settings(database_url=url)) as address:
        item = httpx.get(f"{address}/recommendations/village-well.r1").json()
    assert item["quote"]["exact"] == "The council should invite them."
    assert item["addressees"][0]["name"] == "Village council"
    assert item["based_on"][0]["id"] == "village-well.c1"


def test_make_run_publishes_and_serves(tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "BRIEFS_PORT": str(port),
        "BRIEFS_DATABASE_URL": f"sqlite:///{tmp_path / 'briefs.db'}",
    }
    # `make test` hands its flags down in the environment. This make must not use them.
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    with subprocess.Popen(
        ["make", "run"],
        cwd=ROOT,
        env=environment | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            url = f"http://localhost:{port}/recommendations?theme=inclusion"
            response = wait_for(url, process, 240)  # the first run installs
        finally:
            os.killpg(process.pid, signal.SIGINT)
            output = process.stdout.read() if process.stdout else ""
    assert response is not None, output
    assert response.status_code == 200
    assert response.json()["meta"]["total"] > 0
    assert f"http://localhost:{port}/docs" in output


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, process: subprocess.Popen[str], seconds: float) -> httpx.Response | None:
    """Return the response once a server process answers; None if it ends or does not answer."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.1)
    return None


def test_another_server_can_serve(published_file: Path) -> None:
    """With uvicorn's own command, the cache, errors and security headers stay."""
    command = "uvicorn app.main:create_app --factory"
    assert f".venv/bin/{command}" in shell_lines()
    address = f"http://127.0.0.1:{(port := free_port())}"
    environment = os.environ | {"BRIEFS_DATABASE_URL": f"sqlite:///{published_file}"}
    with subprocess.Popen(
        [sys.executable, "-m", *command.split(), "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            ready = wait_for(f"{address}/ready", process, 60)
            assert ready is not None
            first = httpx.get(f"{address}/claims")
            again = httpx.get(f"{address}/claims", headers={"If-None-Match": first.headers["etag"]})
            wrong = httpx.get(f"{address}/claims?theme=inclsion")
        finally:
            process.terminate()
    assert ready.status_code == 200
    assert again.status_code == 304
    assert again.headers["cache-status"] == "briefs; hit"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert wrong.json()["errors"][0]["did_you_mean"] == ["inclusion"]


def test_ci_ends_with_the_test_command() -> None:
    assert "```sh\nmake test\n```" in page_text("README.md")
    assert page_text(".ci/run").rstrip().endswith("\nmake test")
    assert ".ci/run" in page_text(".github/workflows/ci.yml")


def test_the_readme_is_short() -> None:
    assert len(page_text("README.md").split()) <= 1300


@on_sqlite
def test_the_readme_lists_every_resource(client: httpx.Client) -> None:
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"`{path}`" in page_text("README.md"), path


@on_sqlite
def test_the_reference_lists_every_parameter(client: httpx.Client) -> None:
    section = page_text("docs/api.md").split("## Filters")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = set(re.findall(r"`([a-z_]+)`", " ".join(rows)))
    document: dict[str, Any] = client.get("/openapi.json").json()
    parameters = {
        parameter["name"]
        for operation in document["paths"].values()
        for parameter in operation["get"].get("parameters", [])
    }
    assert parameters == named


def test_the_reference_lists_every_format() -> None:
    section = page_text("docs/api.md").split("## Formats")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \| (`.*?) \|", section, re.MULTILINE)
    named = {
        pair
        for names, types in rows[1:]
        for pair in zip(re.findall("`(.*?)`", names), re.findall("`(.*?)`", types), strict=True)
    }
    assert named == {(each.name, each.media_type) for each in (*LIST_FORMATS, *CITATION_FORMATS)}


@on_sqlite
def test_the_reference_lists_every_error(client: httpx.Client) -> None:
    section = page_text("docs/api.md").split("## Errors")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", section, re.MULTILINE)
    named = {
        (kind, int(status))
        for status, cell in rows
        for kind in re.findall("`/problems/(.*?)`", cell)
    }
    assert len(named) > 10
    for kind, status in named:
        assert client.get(f"/problems/{kind}").json()["status"] == status, kind


def test_the_settings_table_is_complete() -> None:
    rows = re.findall(
        r"^\| `(BRIEFS_\w+)` \| (.*?) ?\|", page_text("docs/operating.md"), re.MULTILINE
    )
    assert dict(rows) == {
        f"BRIEFS_{name.upper()}": "" if field.default is None else f"`{field.default}`"
        for name, field in Settings.model_fields.items()
    }


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=[page.name for page in DOCUMENTS])
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]+))?\)", text):
        file = page.parent / target if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


def test_every_test_of_a_guarantee_exists() -> None:
    named = re.findall(r"`([a-z/_]+\.py)::(test_\w+)`", page_text("SECURITY.md"))
    assert len(named) > 40
    missing = [
        f"{file}::{name}"
        for file, name in named
        if f"def {name}(" not in (ROOT / "tests" / file).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_the_citation_names_the_edition() -> None:
    edition = re.search(r'(?m)^edition: (".*")', page_text("seed/corpus/dataset.yaml"))
    assert edition
    assert f"\nversion: {edition[1]}\n" in page_text("CITATION.cff")


def test_the_architecture_names_what_exists() -> None:
    text = page_text("ARCHITECTURE.md")
    for path in re.findall(r"`((?:app|seed|migrations|tests|docs)/[\w/.]*)`", text):
        assert (ROOT / path).exists(), path
    tree = text.split("```")[1]
    for folder in ("app", "seed"):
        listed = re.search(rf"^{folder}/\n((?:  .*\n)+)", tree, re.MULTILINE)
        assert listed
        names = {line.split()[0].rstrip("/") for line in listed[1].splitlines()}
        ignored = {"__init__.py", "__pycache__"}
        assert names == {path.name for path in (ROOT / folder).iterdir()} - ignored
