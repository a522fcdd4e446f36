"""CPU seconds that python-can (for MF4 on top of asammdf) needs for logs: python3 can_logs.py FILE...

Prints {"version", "asammdf", "files": {FILE: {"frames", "seconds"}}}; the best of three passes over each file, every
frame as python-can's Message. Files that need a missing package are left out.
"""

import json
import logging
import sys
import time

import can

try:
    import asammdf

    asammdf_version = asammdf.__version__
except ImportError:
    asammdf_version = None
logging.disable(logging.CRITICAL)

files = {}
for file in sys.argv[1:]:
    if file.lower().endswith(".mf4") and asammdf_version is None:
        continue
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        with can.LogReader(file) as reader:
            frames = sum(1 for _ in reader)
        best = min(best, time.process_time() - start)
    files[file] = {"frames": frames, "seconds": best}
print(json.dumps({"version": can.__version__, "asammdf": asammdf_version, "files": files}))
