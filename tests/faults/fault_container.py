"""The image as SECURITY.md tells to run it: no root, no capability, nothing writable, no network, 256 MB."""

import json
import os
import shutil
import subprocess
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults.conftest import Figures
from tests.faults.processes import ROOT, wait_until

SECONDS = 60
CLIENTS = 6
ASKING = """
import random, sys, time, urllib.error, urllib.request
paths = ["/recommendations?theme=inclusion", "/claims?q=women&facets=theme", "/claims?format=csv", "/dataset/download",
         "/search?q=mali", "/", "/claims?theme=inclsion", "/recommendations/stats?by=theme,addressee"]
end, chance = time.monotonic() + float(sys.argv[1]), random.Random(sys.argv[2])
while time.monotonic() < end:
    path = f"{chance.choice(paths)}"
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:8000{path}", timeout=30) as answer:
            answer.read()
            print(answer.status)
    except urllib.error.HTTPError as error:
        print(error.code)
"""


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Ask the Docker engine for something."""
    environment = {
        **os.environ,
        "DOCKER_BUILDKIT": "0",
    }  # the plain builder does without a registry
    return subprocess.run(
        ["docker", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=check,
    )


@pytest.fixture
def container() -> Iterator[str]:
    """A container of the image that the Dockerfile makes, without any right."""
    if shutil.which("docker") is None or docker("info", check=False).returncode != 0:
        pytest.skip("not tried: there is no Docker engine here")
    name = f"briefs-{uuid.uuid4().hex[:8]}"
    docker("build", "--quiet", "--network", "host", "--tag", name, ".")
    rights = [
        "--read-only",
        "--cap-drop",
        "ALL",
        "--security-opt",
        "no-new-privileges",
        "--network",
        "none",
        "--memory",
        "256m",
    ]
    docker("run", "--detach", "--name", name, *rights, name)
    yield name
    docker("rm", "--force", name, check=False)
    docker("image", "rm", "--force", name, check=False)


def test_container(container: str, figures: Figures, part: float) -> None:
    """The image without root, capabilities, writable disk and network, in 256 MB, under load."""

    def state(what: str) -> str:
        return docker("inspect", "--format", what, container).stdout.strip()

    wait_until("healthy", lambda: state("{{.State.Health.Status}}") == "healthy", 60)
    user = docker("exec", container, "id", "-u").stdout.strip()
    figures.survived(None if user == "10001" else f"it runs as user {user}")
    written = docker("exec", container, "python", "-c", "open('/srv/data/new', 'w')", check=False)
    figures.survived(None if written.returncode else "a file could be written")
    statuses: Counter[str] = Counter()

    def ask(number: int) -> None:
        seconds = str(max(15, SECONDS * part))
        found = docker("exec", container, "python", "-c", ASKING, seconds, str(number), check=False)
        statuses.update(found.stdout.split())
        if found.returncode:
            statuses["error"] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for status, times in statuses.items():
        for _ in range(times):
            figures.survived(None if status in {"200", "422"} else f"answered {status}")
    peak = docker("exec", container, "python", "-c", "print(open('/proc/1/status').read())").stdout
    figures.notes.append(
        "most memory "
        + next(line for line in peak.splitlines() if line.startswith("VmHWM")).split(":")[1].strip()
    )
    figures.survived(
        "it ran out of memory" if json.loads(state("{{json .State.OOMKilled}}")) else None
    )
    began = time.monotonic()
    docker("stop", "--time", "20", container)
    figures.notes.append(f"stopped in {time.monotonic() - began:.1f} s")
    figures.survived(
        None if state("{{.State.ExitCode}}") == "0" else f"exit code {state('{{.State.ExitCode}}')}"
    )
