"""Pictures and files by content: the sha256 is the name, so equal bytes are kept once, damage is noticed."""

import hashlib
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import fsspec
from fsspec.utils import get_protocol

from inversion_core.errors import StoreUnavailable, UnknownName

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Artifacts:
    """A folder of files, here or wherever fsspec reaches; raises StoreUnavailable when it cannot be used."""

    def __init__(self, url: str) -> None:
        """Open the folder `url`; it is made with the first file."""
        self.url = url
        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError, OSError) as error:
            raise StoreUnavailable(
                f"artifacts are kept under an fsspec URL or a folder, {url!r} cannot be opened ({error}); "
                "correct INVERSION_ARTIFACTS_URL"
            ) from error

    @property
    def on_this_machine(self) -> bool:
        """Whether only this machine sees the files."""
        return get_protocol(self.url) in ("file", "local", "memory")

    def put(self, data: bytes) -> str:
        """Keep `data` and return its sha256; writing the same again costs a look."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._path(sha256)
        with self._border("written"):
            if self._has(path, len(data)):
                return sha256
            # Written beside and renamed, so that a reader never meets half a file.
            draft = f"{path}.{uuid.uuid4().hex}.part"
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            try:
                self._files.pipe_file(draft, data)
                self._files.mv(draft, path)
            except BaseException:
                with suppress(OSError):
                    self._files.rm_file(draft)
                raise
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes; raises UnknownName for a hash nobody stored, StoreUnavailable for damage."""
        path = self._path(sha256)
        with self._border("read"):
            try:
                data: bytes = self._files.cat_file(path)
            except FileNotFoundError as error:
                told = f"artifacts are found by sha256, nothing is stored under {sha256[:12]}..."
                raise UnknownName(f"{told}; run the scenario again") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StoreUnavailable(
                f"the artifact {sha256[:12]}... in {self.url} is damaged: its bytes have another sha256; "
                "delete the file and run the scenario again"
            )
        return data

    def delete(self, sha256: str) -> None:
        """Remove the bytes if they are there."""
        with self._border("deleted"), suppress(FileNotFoundError):
            self._files.rm_file(self._path(sha256))

    def _has(self, path: str, size: int) -> bool:
        """Say whether the file is there in full; a crash of the machine may have left a shorter one."""
        try:
            return bool(self._files.size(path) == size)
        except FileNotFoundError:
            return False

    def _path(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise UnknownName(
                f"artifacts are found by sha256 (64 hexadecimal digits), {sha256[:80]!r} is none"
            )
        return f"{self._root}/{sha256[:2]}/{sha256}"

    @contextmanager
    def _border(self, verb: str) -> Iterator[None]:
        """Translate what the filesystem raises."""
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error) or repr(error)
            raise StoreUnavailable(
                f"an artifact cannot be {verb} in {self.url}: {reason.lower()}; "
                "free some space, check the permissions or name another place in INVERSION_ARTIFACTS_URL"
            ) from error
