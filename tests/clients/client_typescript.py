"""The TypeScript program of docs/api.md: it gets its types from the live OpenAPI document."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from tests.docs import examples
from tests.docs.examples import ROOT

SECTION = (ROOT / "docs/api.md").read_text(encoding="utf-8").split("## A typed client")[1]
STRICT = [
    "--strict",
    "--noUncheckedIndexedAccess",
    "--noImplicitReturns",
    "--noUnusedLocals",
    "--skipLibCheck",
    *("--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"),
]
WRONG = """\
import createClient from "openapi-fetch";
import type { components, paths } from "./briefs";
const client = createClient<paths, "application/json">({ baseUrl: "" });
const item = {} as components['schemas']['Recommendation'];
export const field = item.statment;
export const link: string = item.quote.link;
export const strong: 'perhaps' = item.strength;
await client.GET("/recommendations", { params: { query: { theem: ["inclusion"] } } });
await client.GET("/recomendations");
"""
"""A fault on each line from the fifth on."""


def run(folder: Path, command: Sequence[str], *, succeeds: bool = True) -> str:
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    assert not succeeds or result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture
def folder(server: str, tmp_path: Path) -> Path:
    """A folder in which the section's shell commands have run."""
    (tmp_path / "package.json").write_text('{"type": "module", "private": true}\n')
    shell = re.search(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    assert shell
    for line in examples.here(shell[1], server).splitlines():
        quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        run(tmp_path, [*line.split(), *(quiet if line.startswith("npm") else [])])
    return tmp_path


def test_the_program_compiles_strictly_and_runs(client: httpx.Client, folder: Path) -> None:
    program = re.search(r"```ts\n(.*?)```", SECTION, re.DOTALL)
    assert program
    base = str(client.base_url).rstrip("/")
    (folder / "walk.ts").write_text(program[1].replace("http://localhost:8000", base))
    run(folder, ["npx", "tsc", *STRICT, "--outDir", "out", "walk.ts"])
    output = run(folder, ["node", "out/walk.js"]).splitlines()
    total = client.get("/recommendations?theme=inclusion").json()["meta"]["total"]
    assert output[0] == f"{total} recommendations on inclusion"
    facet = client.get("/recommendations?facets=theme").json()["facets"]["theme"]
    assert [line for line in output if line.startswith("- ")] == [
        f"- {value['label']}: {value['count']}" for value in facet
    ]
    assert output[-1] == "Refused: inclsion (inclusion)"


def test_a_wrong_program_does_not_compile(folder: Path) -> None:
    """A field or parameter that does not exist is a fault; so is a null that is not handled."""
    (folder / "wrong.ts").write_text(WRONG)
    output = run(folder, ["npx", "tsc", *STRICT, "--noEmit", "wrong.ts"], succeeds=False)
    faults = {int(line) for line in re.findall(r"wrong\.ts\((\d+),", output)}
    assert faults == set(range(5, len(WRONG.splitlines()) + 1)), output
