"""No test reaches beyond this machine."""

import socket

import pytest

ELSEWHERE = ("192.0.2.1", 80)  # an address for documentation (RFC 5737)


def test_another_machine_cannot_be_reached():
    """The warning of the try is an error too, as all warnings are."""
    with socket.socket() as own, pytest.raises(UserWarning, match="192"):
        own.connect(ELSEWHERE)


def test_this_machine_can_be_reached():
    server = socket.create_server(("127.0.0.1", 0))
    with server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
