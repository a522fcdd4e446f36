"""Writes the golden logs beside this file with python-can 4.6.1: python3 make_golden.py

expected.json holds the frames as they were given to python-can: [nanoseconds from the start, identifier, flags as in
src/can/frames.ts, channel, payload in hexadecimal]. What a format's writer drops is for the test to say.
"""

import json
import os
import pathlib

import can

os.environ["TZ"] = "UTC"
folder = pathlib.Path(__file__).parent
EXTENDED, REMOTE, ERROR, FD, BRS, ESI, SENT = 1, 2, 4, 8, 16, 32, 64
START = 1436509052


def frames():
    bits = [0, EXTENDED, SENT, EXTENDED | SENT]
    rows = []
    for i in range(40):
        flags = bits[i % 4]
        identifier = (0x1ABCDE0 + i * 0x10305) if flags & EXTENDED else (i * 53) % 0x7FF
        payload = bytes((i * 7 + k * 31) & 0xFF for k in range(i % 9))
        if i % 10 == 7:
            flags |= REMOTE
            payload = bytes(len(payload))  # a remote frame asks for bytes and has none
        elif i % 10 == 3:
            flags |= FD | (BRS if i % 20 == 3 else 0) | (ESI if i >= 20 else 0)
            payload = bytes((i + k * 3) & 0xFF for k in range([12, 16, 48, 64][i // 10]))
        elif i % 20 == 15:
            flags, identifier, payload = ERROR, 0, b""
        rows.append((i * 12_345_000, identifier, flags, i % 3, payload))
    return rows


def message(row):
    time, identifier, flags, channel, payload = row
    return can.Message(
        timestamp=START + time / 1e9,
        arbitration_id=identifier,
        is_extended_id=bool(flags & EXTENDED),
        is_remote_frame=bool(flags & REMOTE),
        is_error_frame=bool(flags & ERROR),
        is_fd=bool(flags & FD),
        bitrate_switch=bool(flags & BRS),
        error_state_indicator=bool(flags & ESI),
        is_rx=not flags & SENT,
        channel=channel,
        dlc=len(payload),
        data=None if flags & REMOTE else payload,
    )


def write(name, writer, rows, **options):
    path = folder / name
    log = writer(str(path), **options)
    for row in rows:
        log.on_message_received(message(row))
    log.stop()
    if name.endswith(".asc"):
        # The date of writing, which python-can puts into the first line, would differ each time.
        lines = path.read_text().split("\n")
        path.write_text("\n".join(["date Fri Jul 10 06:17:32.000 2015", *lines[1:]]))
    if name.endswith(".trc"):
        # Nor may it say where it was written.
        lines = [line for line in path.read_bytes().split(b"\r\n") if str(folder).encode() not in line]
        path.write_bytes(b"\r\n".join(lines))


rows = frames()
write("python-can.log", can.CanutilsLogWriter, rows)
write("python-can.asc", can.ASCWriter, rows)
write("python-can.trc", can.TRCWriter, rows)
write("python-can.csv", can.CSVWriter, [row for row in rows if not row[2] & FD])
text = ",\n".join(json.dumps([*row[:4], row[4].hex()]) for row in rows)
(folder / "expected.json").write_text(f"[\n{text}\n]\n")
