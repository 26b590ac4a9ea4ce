"""Messages between processes: their length, then their bytes; both ends count what really travels.

Imported by the processes that compute, so it needs nothing but the standard library.
"""

import struct
from typing import BinaryIO

_LENGTH = struct.Struct("<Q")


class Wire:
    """One end of a connection; `sent` and `received` are bytes, lengths included."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader, self._writer = reader, writer
        self.sent = self.received = 0

    def send(self, data: bytes) -> None:
        """Send one message."""
        self._writer.write(_LENGTH.pack(len(data)))
        self._writer.write(data)
        self._writer.flush()
        self.sent += _LENGTH.size + len(data)

    def receive(self) -> bytes:
        """Return the next message; raises EOFError where the other end is gone."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        data = self._exactly(length)
        self.received += _LENGTH.size + length
        return data

    def close(self) -> None:
        """Close both directions; the other end then meets the end of what it reads."""
        self._writer.close()
        self._reader.close()

    def _exactly(self, length: int) -> bytes:
        data = self._reader.read(length)
        if len(data) < length:
            raise EOFError("the other end of the connection is gone")
        return data
