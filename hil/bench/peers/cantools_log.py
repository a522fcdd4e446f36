"""CPU seconds that cantools needs for a candump log: python3 cantools_log.py DBC LOG

Prints {"version", "frames", "decodeSeconds", "parseSeconds"}; choices are left as numbers, as the other side does.
"""

import json
import sys
import time

import cantools
from cantools import logreader

database = cantools.database.load_file(sys.argv[1])
best = {}
frames = []
for _ in range(3):
    with open(sys.argv[2]) as log:
        start = time.process_time()
        frames = [(entry.frame_id, entry.data) for entry in logreader.Parser(log)]
        best["parse"] = min(best.get("parse", 1e9), time.process_time() - start)
    decode = database.decode_message
    start = time.process_time()
    for frame_id, data in frames:
        decode(frame_id, data, decode_choices=False)
    best["decode"] = min(best.get("decode", 1e9), time.process_time() - start)
print(
    json.dumps(
        {
            "version": cantools.__version__,
            "frames": len(frames),
            "decodeSeconds": best["decode"],
            "parseSeconds": best["parse"],
        }
    )
)
