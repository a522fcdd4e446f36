"""Every frame that python-can reads from a log, one line each: python3 can_frames.py FILE

A line is [nanoseconds from the log's start, id, flags, channel, payload in hexadecimal] with the flags of
src/can/frames.ts; the first line is the version. Channels are as python-can gives them: from 1 in MF4.
"""

import json
import logging
import sys

import can

logging.disable(logging.CRITICAL)
print(json.dumps(can.__version__))
with can.LogReader(sys.argv[1]) as reader:
    # A double holds seconds since 1970 only to 240 ns.
    for start in ("_start_timestamp", "start_timestamp"):
        if hasattr(reader, start):
            setattr(reader, start, 0)
    for message in reader:
        without_id = message.is_error_frame and message.arbitration_id == 0
        flags = (
            (message.is_extended_id and not without_id)
            | message.is_remote_frame << 1
            | message.is_error_frame << 2
            | message.is_fd << 3
            | message.bitrate_switch << 4
            | message.error_state_indicator << 5
            | (not message.is_rx) << 6
        )
        data = bytes(message.dlc) if message.is_remote_frame else bytes(message.data)
        print(json.dumps([round(message.timestamp * 1e9), message.arbitration_id, flags, message.channel, data.hex()]))
