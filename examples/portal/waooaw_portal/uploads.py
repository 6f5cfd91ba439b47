"""What happens to a file that a visitor sends."""

import asyncio
import hashlib
import secrets
from pathlib import Path
from typing import BinaryIO

import reflex as rx

CHUNK = 256 * 1024

# The folder is in memory where the portal runs, so the oldest files go when more than this is there.
KEPT_BYTES = 128 * 1024 * 1024


def store(file: BinaryIO, folder: Path) -> tuple[str, int, str]:
    """Write the file under a name that nobody can guess; give back that name, the size and the SHA-256."""
    stored = folder / secrets.token_hex(16)
    digest = hashlib.sha256()
    size = 0
    with stored.open("wb") as target:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += target.write(chunk)
    return stored.name, size, digest.hexdigest()


def make_room(folder: Path, newest: str) -> None:
    """Remove the oldest files, but never the newest, until the others fit."""
    files = sorted((file for file in folder.iterdir() if file.is_file()), key=lambda file: file.stat().st_mtime)
    total = sum(file.stat().st_size for file in files)
    for file in files:
        if total <= KEPT_BYTES or file.name == newest:
            return
        total -= file.stat().st_size
        file.unlink(missing_ok=True)


class Uploads(rx.State):
    """The file that this visitor sent last, as it arrived."""

    name: str = ""
    stored: str = ""
    size: int = 0
    digest: str = ""

    @rx.event
    async def receive(self, files: list[rx.UploadFile]):
        """Store what arrived, off the event loop, and say what it was."""
        for file in files:
            folder = rx.get_upload_dir()
            self.stored, self.size, self.digest = await asyncio.to_thread(store, file.file, folder)
            self.name = file.name or "without a name"
            await asyncio.to_thread(make_room, folder, self.stored)
        return rx.clear_selected_files("file")
