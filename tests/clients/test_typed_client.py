"""The README's TypeScript program: types are made from the live OpenAPI document, it compiles strictly, and it runs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT

PACKAGES = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3")
STRICT = (
    "--strict",
    "--noUncheckedIndexedAccess",
    "--exactOptionalPropertyTypes",
    "false",
    "--noImplicitReturns",
    "--noUnusedLocals",
)


# On one database: the document is the same on both, as test_openapi sees to.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True, scope="session")


@pytest.fixture(autouse=True)
def node() -> None:
    """Skip where there is no Node, and say so; CI has it."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        assert not os.environ.get("CI_COMPLETE"), "CI must have Node"
        pytest.skip("Node is not installed: the typed client is not tried")


def run(folder: Path, *command: str) -> str:
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=240, check=False
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.mark.usefixtures("backend")
def test_the_readmes_program_compiles_strictly_and_runs(
    client: httpx.Client, tmp_path: Path
) -> None:
    program = re.search(r"```ts\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert program is not None
    base = str(client.base_url).rstrip("/")
    (tmp_path / "package.json").write_text('{"type": "module", "private": true}\n')
    (tmp_path / "walk.ts").write_text(program[1].replace("http://localhost:8000", base))
    run(
        tmp_path,
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        *PACKAGES,
    )
    run(tmp_path, "npx", "openapi-typescript", f"{base}/openapi.json", "-o", "briefs.d.ts")
    target = (
        "--target",
        "es2022",
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
        "--skipLibCheck",
        "--outDir",
        "out",
    )
    run(tmp_path, "npx", "tsc", *STRICT, *target, "walk.ts")
    said = run(tmp_path, "node", "out/walk.js").splitlines()
    total = client.get("/recommendations?theme=inclusion").json()["meta"]["total"]
    assert said[0] == f"{total} recommendations on inclusion"
    facet = client.get("/recommendations?facets=theme").json()["facets"]["theme"]
    assert [line for line in said if line.startswith("- ")] == [
        f"- {value['label']}: {value['count']}" for value in facet
    ]
    assert said[-1] == "Refused: inclsion (inclusion)"


@pytest.mark.usefixtures("backend")
def test_a_wrong_program_does_not_compile(client: httpx.Client, tmp_path: Path) -> None:
    """The types say something: a field or a parameter that there is not, and a null that is not minded, are faults."""
    base = str(client.base_url).rstrip("/")
    (tmp_path / "package.json").write_text('{"type": "module", "private": true}\n')
    run(
        tmp_path,
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        *PACKAGES,
    )
    run(tmp_path, "npx", "openapi-typescript", f"{base}/openapi.json", "-o", "briefs.d.ts")
    (tmp_path / "wrong.ts").write_text(
        'import createClient from "openapi-fetch";\nimport type { components, paths } from "./briefs";\n'
        'const client = createClient<paths, "application/json">({ baseUrl: "" });\n'
        "const item = {} as components['schemas']['Recommendation'];\n"
        "export const field = item.statment;\n"
        "export const link: string = item.quote.link;\n"
        "export const strong: 'perhaps' = item.strength;\n"
        'await client.GET("/recommendations", { params: { query: { theem: ["inclusion"] } } });\n'
        'await client.GET("/recomendations");\n',
    )
    target = (
        "--target",
        "es2022",
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
        "--skipLibCheck",
        "--noEmit",
    )
    result = subprocess.run(
        ["npx", "tsc", *STRICT, *target, "wrong.ts"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    faults = re.findall(r"wrong\.ts\((\d+),", result.stdout)
    assert sorted(set(faults)) == ["5", "6", "7", "8", "9"], result.stdout
