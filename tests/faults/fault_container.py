"""The image with the restrictions of SECURITY.md.

No root, no capabilities, a read-only disk, no network, 256 MB.
"""

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
CLIENT_PROGRAM = """
import random, sys, time, urllib.error, urllib.request
paths = [
    "/recommendations?theme=inclusion", "/claims?q=women&facets=theme", "/claims?format=csv",
    "/dataset/download", "/search?q=mali", "/", "/claims?theme=inclsion",
    "/recommendations/stats?by=theme,addressee",
]
end, chance = time.monotonic() + float(sys.argv[1]), random.Random(sys.argv[2])
while time.monotonic() < end:
    url = f"http://127.0.0.1:8000{chance.choice(paths)}"
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            response.read()
            print(response.status)
    except urllib.error.HTTPError as error:
        print(error.code)
"""
RESTRICTIONS = (
    "--read-only --cap-drop ALL --security-opt no-new-privileges --network none --memory 256m"
)


def docker(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command of the Docker client."""
    # The classic builder needs no registry.
    environment = {**os.environ, "DOCKER_BUILDKIT": "0"}
    command = ["docker", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=check
    )


@pytest.fixture
def container() -> Iterator[str]:
    """A running container of the project's image, with every restriction."""
    if shutil.which("docker") is None or docker("info", check=False).returncode != 0:
        pytest.skip("not tried: there is no Docker engine here")
    name = f"briefs-{uuid.uuid4().hex[:8]}"
    docker("build", "--quiet", "--network", "host", "--tag", name, ".")
    docker("run", "--detach", "--name", name, *RESTRICTIONS.split(), name)
    yield name
    docker("rm", "--force", name, check=False)
    docker("image", "rm", "--force", name, check=False)


def test_container(container: str, figures: Figures, part: float) -> None:
    """The image without root, capabilities, writable disk and network, in 256 MB, under load."""

    def inspect(template: str) -> str:
        return docker("inspect", "--format", template, container).stdout.strip()

    wait_until("healthy", lambda: inspect("{{.State.Health.Status}}") == "healthy", 60)
    user = docker("exec", container, "id", "-u").stdout.strip()
    figures.check(user == "10001", f"it runs as user {user}")
    writing = docker("exec", container, "python", "-c", "open('/srv/data/new', 'w')", check=False)
    figures.check(writing.returncode != 0, "a file could be written")
    statuses: Counter[str] = Counter()

    def request(number: int) -> None:
        seconds = str(max(15, SECONDS * part))
        command = ["python", "-c", CLIENT_PROGRAM, seconds, str(number)]
        result = docker("exec", container, *command, check=False)
        statuses.update(result.stdout.split())
        if result.returncode:
            statuses["error"] += 1

    threads = [threading.Thread(target=request, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for status, times in statuses.items():
        for _ in range(times):
            figures.check(status in {"200", "422"}, f"answered {status}")
    status_file = "print(open('/proc/1/status').read())"
    lines = docker("exec", container, "python", "-c", status_file).stdout.splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM")).split(":")[1].strip()
    figures.notes.append(f"peak memory {peak}")
    figures.check(not json.loads(inspect("{{json .State.OOMKilled}}")), "it ran out of memory")
    began = time.monotonic()
    docker("stop", "--time", "20", container)
    figures.notes.append(f"stopped in {time.monotonic() - began:.1f} s")
    exit_code = inspect("{{.State.ExitCode}}")
    figures.check(exit_code == "0", f"exit code {exit_code}")
