"""A partner's folders, opened by SFTP or on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gateways.files import FolderDrop
from gateways.sftp import SftpAddress, SftpDrop

if TYPE_CHECKING:
    from gateways.files import FileDrop
    from practice.values import Partner


def open_outbox(partner: Partner, *, keys: Path) -> FileDrop:
    """Open the partner's folder that we upload to."""
    return _open(partner, partner.outbox, keys)


def open_inbox(partner: Partner, *, keys: Path) -> FileDrop:
    """Open the partner's folder that we read answers from."""
    return _open(partner, partner.inbox, keys)


def _open(partner: Partner, folder: str, keys: Path) -> FileDrop:
    if partner.transport == "folder":
        return FolderDrop(Path(folder))
    address = SftpAddress(
        host=partner.host,
        port=partner.port,
        username=partner.username,
        host_key=partner.host_key,
        private_key_file=keys / partner.key_file if partner.key_file else None,
    )
    return SftpDrop(address, folder)
