"""The commands of the documentation that need jq, Node, R or pandoc."""

import subprocess
from pathlib import Path

import pytest

from tests.docs import examples
from tests.docs.examples import Tool

TOOLS = [tool for tool in examples.tools() if tool.needs_clients]


@pytest.mark.parametrize("tool", TOOLS, ids=[tool.name for tool in TOOLS])
def test_the_tools_work(server: str, tmp_path: Path, tool: Tool) -> None:
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", examples.here(tool.command, server)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
    assert "/problems/" not in result.stdout


def test_each_client_program_is_used() -> None:
    """A program that no command needs any more would be installed for nothing."""
    commands = " ".join(tool.command for tool in TOOLS)
    assert all(program in commands for program in examples.CLIENT_PROGRAMS)
