"""Ports, asked before anything starts."""

import os
import socket

import pytest

from sightline.core.errors import PortTaken, ServiceUnavailable
from sightline.workers.embedded.ports import require_free


def test_a_taken_port_names_who_listens_and_another_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            PortTaken, match=rf"port {port} on 127\.0\.0\.1 is taken by .* \(process {os.getpid()}\)"
        ) as caught:
            require_free("127.0.0.1", port)
    assert f"--port {port + 1}" in caught.value.hint
    require_free("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(ServiceUnavailable) as caught:
        require_free(host, 8000)
    assert "--host" in caught.value.hint
