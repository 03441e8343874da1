"""A stopped server finishes the responses that are under way."""

import random
import signal
import socket
import subprocess
import sys
import time

from tests.faults.conftest import Figures
from tests.faults.processes import environment, server_process

REQUEST = b"GET /claims?format=ndjson HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def test_stop(database_url: str, figures: Figures, part: float) -> None:
    """SIGTERM while a response is being sent."""
    for _ in range(max(2, int(20 * part))):
        with (
            server_process(database_url) as server,
            socket.create_connection(("127.0.0.1", server.port)) as client,
        ):
            client.sendall(REQUEST)
            received = client.recv(100)
            time.sleep(0.05)
            server.process.terminate()
            while more := client.recv(65536):
                received += more
            code = server.process.wait(10)
        ended = received.endswith((b"\n", b"\n\r\n0\r\n\r\n", b"0\r\n\r\n"))
        figures.check(
            ended and code == 0, f"exit code {code}, {len(received)} bytes, complete: {ended}"
        )


def test_stop_while_starting(database_url: str, figures: Figures, part: float) -> None:
    """SIGTERM and Ctrl+C at random moments of a start."""
    chance = random.Random(9)
    settings, serving = environment(database_url, port="0"), 0
    for _ in range(max(6, int(60 * part))):
        command = [sys.executable, "-m", "app"]
        with subprocess.Popen(
            command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            time.sleep(chance.uniform(0.05, 1.5))
            number = chance.choice((signal.SIGTERM, signal.SIGINT))
            process.send_signal(number)
            try:
                output, errors = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                output, errors = process.communicate()
        serving += "Recommendations" in output
        # Until the first line of the program runs, Python handles signals in its own way.
        early = process.returncode == -number and (number == signal.SIGINT or not errors)
        stopped = early or (process.returncode == 0 and not errors)
        figures.check(stopped, f"exit code {process.returncode}: {errors[-300:]}")
    figures.notes.append(f"{serving} were serving by then")
