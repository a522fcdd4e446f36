"""Reads logs that Vigil wrote with python-can, and compares them with a log that python-can wrote, frame by frame:

    vigil convert python-can.log ours.asc && TZ=UTC python3 check_peer.py python-can.log ours.asc

What a format or its reader in python-can can't hold is named in `REDUCED`. Ends with 1 when a frame differs.
"""

import logging
import sys

import can

logging.disable(logging.CRITICAL)


def reader(path):
    if path.endswith(".asc"):
        return can.ASCReader(path, relative_timestamp=False)
    if path.endswith(".log") or path.endswith("candump"):
        return can.CanutilsLogReader(path)
    if path.endswith(".blf"):
        return can.BLFReader(path)
    return can.CSVReader(path) if "csv" in path else can.TRCReader(path)


def channel(message, path):
    if message.channel is None:
        return 0
    number = int("".join(c for c in str(message.channel) if c.isdigit()))
    return number - 1 if ".trc" in path else number


def rows(path):
    found = []
    for m in reader(path):
        data = "" if m.is_remote_frame else bytes(m.data).hex()
        key = {
            "time": round(m.timestamp, 6),
            "id": m.arbitration_id,
            "extended": m.is_extended_id,
            "remote": m.is_remote_frame,
            "error": m.is_error_frame,
            "fd": m.is_fd,
            "brs": m.bitrate_switch,
            "esi": m.error_state_indicator,
            "rx": m.is_rx,
            "channel": channel(m, path),
            "data": data,
        }
        if m.is_error_frame:
            key = {"time": key["time"], "error": True}
        found.append(key)
    return found


# Frames that a format has no place for, and fields that its reader drops.
REDUCED = {
    "trc": (lambda row: not row.get("error"), []),
    "csv": (lambda row: not row.get("fd"), ["rx", "channel"]),
}

expected_all = rows(sys.argv[1])
failed = False
for path in sys.argv[2:]:
    keep, dropped = next((rule for name, rule in REDUCED.items() if name in path), (lambda row: True, []))
    expected = [{k: v for k, v in row.items() if k not in dropped} for row in expected_all if keep(row)]
    found = [{k: v for k, v in row.items() if k not in dropped} for row in rows(path)]
    wrong = [(a, b) for a, b in zip(expected, found) if a != b]
    failed = failed or len(expected) != len(found) or bool(wrong)
    print(f"{path}: {len(found)} of {len(expected)} frames, {len(wrong)} differ")
    for pair in wrong[:3]:
        print("  expected", pair[0], "\n  found   ", pair[1])
sys.exit(1 if failed else 0)
