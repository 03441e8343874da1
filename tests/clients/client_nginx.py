"""The API behind nginx, configured as docs/operating.md says."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.settings import Settings
from tests.conftest import serving
from tests.docs.examples import ROOT

PAGE = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
PUBLIC = "https://briefs.example.org"
MAIN = """\
daemon off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {site}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def proxied(published_file: Path, tmp_path: Path) -> Iterator[str]:
    """The address of an nginx in front of the API."""
    site = re.search(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
    assert site
    assert f"BRIEFS_PUBLIC_URL={PUBLIC}" in PAGE
    settings = Settings(database_url=f"sqlite:///{published_file}", public_url=PUBLIC)
    with serving(settings) as address:
        port = free_port()
        text = site[1].replace("listen 80;", f"listen 127.0.0.1:{port};")
        text = text.replace("http://127.0.0.1:8000", address)
        assert address in text
        (tmp_path / "nginx.conf").write_text(MAIN.format(site=text))
        command = ["nginx", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "stderr"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                deadline = time.monotonic() + 10
                while process.poll() is None and time.monotonic() < deadline:
                    try:
                        httpx.get(f"http://127.0.0.1:{port}/health")
                        break
                    except httpx.TransportError:
                        time.sleep(0.05)
                assert process.poll() is None, process.stderr and process.stderr.read()
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def test_links_name_the_public_address(proxied: str) -> None:
    page = httpx.get(f"{proxied}/claims?limit=2").json()
    assert page["links"]["next"].startswith(f"{PUBLIC}/claims?limit=2&cursor=")


def test_caching_and_compression_pass_through(proxied: str) -> None:
    first = httpx.get(f"{proxied}/claims", headers={"Accept-Encoding": "br"})
    assert first.headers["content-encoding"] == "br"
    assert not first.headers["etag"].startswith("W/")
    again = {"Accept-Encoding": "br", "If-None-Match": first.headers["etag"]}
    assert httpx.get(f"{proxied}/claims", headers=again).status_code == 304


def test_a_client_that_asks_too_often_is_limited(proxied: str) -> None:
    """A burst of a hundred requests is within the limit."""
    with httpx.Client(base_url=proxied) as client:
        statuses = [client.get("/health").status_code for _ in range(400)]
    assert set(statuses[:90]) == {200}
    assert 429 in statuses
