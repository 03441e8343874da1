"""The commands that the documentation shows, and their answers.

`python -m tests.docs.examples http://localhost:8000` regenerates the answers from the API at that
address. It needs nothing but Python, bash and curl, so it runs after `make run` alone.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ADDRESS = "localhost:8000"
MAX_LINES = 10
CUT = "…"
CONSOLE = re.compile(r"```console\n\$ (.*)\n((?:.*\n)*?)```")
TOOL = re.compile(r"^\| ([^|]+) \| (?:open )?`((?:[^`]|\\\|)+)` \|$", re.MULTILINE)
CLIENT_PROGRAMS = {"jq", "node", "pandoc", "Rscript"}
"""Programs that `make test` does without; `make clients` needs them."""


class Tool(NamedTuple):
    """A row of a table "Use it from your tools"."""

    name: str
    command: str

    @property
    def needs_clients(self) -> bool:
        """Whether the command needs a program of `CLIENT_PROGRAMS`."""
        return not CLIENT_PROGRAMS.isdisjoint(re.findall(r"[A-Za-z]+", self.command))


def tools_section(page: str) -> str:
    """Return the section "Use it from your tools" of a page; empty if it has none."""
    found = re.search(
        r"^## Use it from your tools\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE
    )
    return found[1] if found else ""


def tools() -> list[Tool]:
    """Return the tools of all pages; an address to open becomes a command that fetches it."""
    rows = []
    for page in PAGES:
        for name, cell in TOOL.findall(tools_section(page.read_text(encoding="utf-8"))):
            command = cell.replace("\\|", "|")
            rows.append(Tool(name, f"curl -sf '{command}'" if command[:4] == "http" else command))
    return rows


def here(command: str, address: str) -> str:
    """Return a command for the API at another address, and for this Python."""
    host = address.removeprefix("http://")
    return command.replace(ADDRESS, host).replace(".venv/bin/python", sys.executable)


def answer(command: str, address: str, environment: dict[str, str] | None = None) -> str:
    """Run a command and return its answer as the documentation shows it.

    Args:
        command: as the documentation shows it.
        address: of the API to ask.
        environment: of the command; this process's own if not given.
    """
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", here(command, address)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    )
    text = result.stdout.replace(address.removeprefix("http://"), ADDRESS).rstrip("\n")
    if text.startswith("{") and "\n" not in text:
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    lines = text.split("\n")
    return "\n".join(lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], CUT])


def regenerate(address: str) -> None:
    """Write the answers of an API into the pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        new = CONSOLE.sub(
            lambda shown: f"```console\n$ {shown[1]}\n{answer(shown[1], address)}\n```", text
        )
        if new != text:
            page.write_text(new, encoding="utf-8")
            print(f"{page.relative_to(ROOT)} has new answers.")  # noqa: T201 - a command prints


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Give the address of the API: python -m tests.docs.examples http://localhost:8000")
    try:
        regenerate(sys.argv[1].rstrip("/"))
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error.cmd[-1]}\nfailed: {error.stderr}Does the API run at {sys.argv[1]}?")
