"""Sending the demo day's messages through the doors that a real EHR uses: MLLP and HTTP."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from access import service as access
from audit.service import writing
from config import clock
from gateways.hl7.service import MllpClient, serve_mllp
from office.demo.ehr import Ehr, fetch_token, make_key, public_keys, send_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from office.demo.room import DayRoom


def send_hl7(stage: DayRoom, messages: list[bytes]) -> int:
    """Send messages over MLLP on loopback and return how many were acknowledged."""
    handler = stage.errands.make_hl7_handler(stage.database, stage.actor, stage.settings)
    acknowledged = 0
    with (
        serve_mllp("127.0.0.1", 0, handler) as server,
        MllpClient("127.0.0.1", server.port) as client,
    ):
        for message in messages:
            acknowledged += b"MSA|AA" in client.send_until_acknowledged(message)
    return acknowledged


def register_ehr(stage: DayRoom, base_url: str) -> Ehr:
    """Register the demo's EHR as an API client, or find it registered."""
    key = make_key(stage.settings.keys)
    with writing(stage.database, stage.actor, purpose="operations") as session:
        client = access.find_client(session, "demo-ehr")
        if client is None:
            client = access.add_client(session, "demo-ehr", jwks=public_keys(key), now=clock.now())
    return Ehr(base_url, client.client_id, key)


def send_fhir(stage: DayRoom, bundles: list[bytes]) -> int:
    """Send bundles over HTTP and return how many were refused."""
    refused = 0
    with _http(stage) as base_url:
        ehr = register_ehr(stage, base_url)
        token = fetch_token(ehr)
        for bundle in bundles:
            status, _ = send_bundle(ehr, token, bundle)
            refused += status != 200
    return refused


class _QuietHandler(WSGIRequestHandler):
    """Says nothing on the terminal: addresses in a log line could hold what a client sent."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's name
        """Take no note."""


@contextmanager
def _http(stage: DayRoom) -> Iterator[str]:
    """Serve the application on a free port of this machine."""
    server = make_server(
        "127.0.0.1", 0, lambda *_: [b""], threaded=True, request_handler=_QuietHandler
    )
    base_url = f"http://127.0.0.1:{server.port}"
    server.app = stage.make_app(replace(stage.settings, public_url=base_url), stage.database)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield base_url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
