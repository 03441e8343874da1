"""Being told to stop: what is under way is finished."""

import socket
import time

from tests.trust.conftest import Figures
from tests.trust.processes import server_process


def test_stop(database_url: str, figures: Figures, part: float) -> None:
    """SIGTERM while an answer is being sent."""
    for _ in range(max(2, int(20 * part))):
        with server_process(database_url) as server, socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET /claims?format=ndjson HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            first = client.recv(100)
            time.sleep(0.05)
            server.process.terminate()
            received = first
            while more := client.recv(65536):
                received += more
            code = server.process.wait(10)
        ended = received.endswith((b"\n", b"\n\r\n0\r\n\r\n", b"0\r\n\r\n"))
        figures.survived(None if ended and code == 0 else f"exit code {code}, {len(received)} bytes, ended {ended}")
