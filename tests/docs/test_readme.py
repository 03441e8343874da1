"""The README is true: its commands run, its answers are the API's, its tables name every parameter and setting.

`python tests/test_readme.py ADDRESS` writes the answers anew, from an API that serves there.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.settings import Settings

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONSOLE = re.compile(r"```console\n(\$ .*?)\n```", re.DOTALL)


def split(block: str) -> tuple[str, str]:
    """Return the command of a console block, and the answer that stands below it."""
    lines = block.splitlines()
    end = next((n for n, line in enumerate(lines) if n and not line.startswith("> ")), len(lines))
    return "\n".join(line[2:] for line in lines[:end]), "\n".join(lines[end:])


def run(command: str, address: str) -> str:
    host = address.removeprefix("http://")
    result = subprocess.run(
        ["bash", "-c", command.replace("localhost:8000", host)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return result.stdout.replace(host, "localhost:8000").rstrip("\n")


def test_commands_give_the_answers_shown(server: str) -> None:
    blocks = CONSOLE.findall(README.read_text())
    assert len(blocks) >= 3
    for block in blocks:
        command, shown = split(block)
        assert run(command, server) == shown, command


ROWS = re.findall(
    r"^\| ([^|`]+|`curl` and `jq`) \| (?:open )?`(.+)` \|$",
    README.read_text().split("## Resources")[0],
    re.MULTILINE,
)


def test_every_row_of_where_you_come_from_is_tried() -> None:
    table = README.read_text().split("## Where you come from")[1].split("## Resources")[0]
    assert (
        len(ROWS) == table.count("\n| ") - 3
    )  # the head, the line below it, TypeScript, which test_typed_client runs


@pytest.mark.parametrize(("origin", "typed"), ROWS, ids=[origin for origin, _ in ROWS])
def test_where_you_come_from_what_you_type(
    server: str, backend: str, tmp_path: Path, origin: str, typed: str
) -> None:
    """Each command runs and gives something; where its program is not installed, its address at least gives an answer."""
    if backend == "postgresql" and "dataset/sqlite" in typed:
        return  # there the file is not offered
    command = typed.replace("\\|", "|").replace("localhost:8000", server.removeprefix("http://"))
    if command.startswith("http"):
        command = f"curl -sf '{command}'"
    program = command.split()[0]
    if shutil.which(program) is None:
        (address,) = re.findall(r"http://[^\"']+", command)
        assert httpx.get(address).status_code == 200
        pytest.skip(f"{program} is not installed: {origin} is not tried, its address is")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.strip()) >= 1
    assert "/problems/" not in result.stdout


def test_make_run_does_what_the_readme_says(tmp_path: Path) -> None:
    assert "```sh\nmake run\n```" in README.read_text()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "BRIEFS_PORT": str(port),
        "BRIEFS_DATABASE_URL": f"sqlite:///{tmp_path / 'briefs.db'}",
    }
    # Under `make test` the outer make hands its flags down in the environment; this is a make of its own.
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
            answer = None
            deadline = time.monotonic() + 240  # the first time, it installs
            while answer is None and process.poll() is None and time.monotonic() < deadline:
                try:
                    answer = httpx.get(f"http://localhost:{port}/recommendations?theme=inclusion")
                except httpx.TransportError:
                    time.sleep(0.2)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            said = process.stdout.read() if process.stdout else ""
    assert answer is not None, said
    assert answer.status_code == 200
    assert answer.json()["meta"]["total"] > 0
    assert f"http://localhost:{port}/docs" in said


def test_ci_runs_the_readmes_test_command() -> None:
    assert "```sh\nmake test\n```" in README.read_text()
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text()


def test_every_parameter_has_a_row(client: httpx.Client) -> None:
    rows = re.findall(r"^\| (`.*?) \|", README.read_text(), re.MULTILINE)
    named = set(re.findall(r"`([a-z_]+)`", " ".join(rows)))
    document: dict[str, Any] = client.get("/openapi.json").json()
    for path, operation in document["paths"].items():
        for parameter in operation["get"].get("parameters", []):
            assert parameter["in"] == "path" or parameter["name"] in named, (
                path,
                parameter["name"],
            )


def test_every_resource_has_a_row(client: httpx.Client) -> None:
    readme = README.read_text()
    for path in client.get("/openapi.json").json()["paths"]:
        assert path == "/" or f"`{path}`" in readme, path


def test_every_setting_has_a_row() -> None:
    readme = README.read_text()
    for name, field in Settings.model_fields.items():
        default = f" `{field.default}` " if field.default is not None else " "
        assert f"| `BRIEFS_{name.upper()}` |{default}|" in readme, name


def test_links_lead_somewhere() -> None:
    for page in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "seed/corpus/CODEBOOK.md"):
        content = (ROOT / page).read_text()
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", content):
            assert ((ROOT / page).parent / target).exists(), (page, target)


if __name__ == "__main__":
    text = README.read_text()
    for found in CONSOLE.findall(text):
        asked, _ = split(found)
        typed = found.splitlines()[: len(asked.splitlines())]
        text = text.replace(found, "\n".join([*typed, run(asked, sys.argv[1])]))
    README.write_text(text)


@pytest.mark.parametrize("document", ["README.md", "SECURITY.md"])
def test_every_test_that_holds_a_promise_is_there(document: str) -> None:
    named = re.findall(r"`([a-z/_]+\.py)::(test_\w+)`", (ROOT / document).read_text())
    assert len(named) > 10
    for file, name in named:
        assert re.search(
            rf"^(async )?def {name}\(", (ROOT / "tests" / file).read_text(), re.MULTILINE
        ), (file, name)
