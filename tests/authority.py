"""A certificate authority for tests, and a server at 127.0.0.1 that it vouches for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

USER, PASSWORD = "worker", "a password"
"""Whom the broker of the tests lets in at its secured door."""


@dataclass(frozen=True)
class Authority:
    """Two PEM files: what clients trust, and the server's key and certificates."""

    ca: Path
    server: Path


def make_authority(directory: Path) -> Authority:
    """A new authority with its files in ``directory``; Kafka reads keys in the form of PKCS8 only."""
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1")
    key = load_pem_private_key(server.private_key_pem.bytes(), password=None)
    chain = b"".join(one.bytes() for one in server.cert_chain_pems)
    files = Authority(directory / "ca.pem", directory / "server.pem")
    files.server.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + chain)
    authority.cert_pem.write_to_path(str(files.ca))
    return files
