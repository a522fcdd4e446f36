"""PocketSphinx with a finite-state grammar, for comparison.

Usage: pocketsphinx_fsg.py GRAMMAR.json LIST.txt

GRAMMAR.json: {"states", "start", "accept", "arcs": [[from, to, word or null], ...]}, a word automaton.
LIST.txt: one file of raw 16-bit little-endian mono samples at 16 kHz a line.
Prints one JSON object a line: first {"version", "missing"} (words that its dictionary does not have; no path with them is
left), then {"text", "cpuMs"} for every file. Needs: pip install pocketsphinx (5.x).
"""

import json
import sys
import tempfile
import time
from importlib.metadata import version

from pocketsphinx import Decoder


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        grammar = json.load(file)
    dictionary = Decoder(lm=None, loglevel="FATAL")
    words = {word for _, _, word in grammar["arcs"] if word is not None}
    missing = sorted(word for word in words if dictionary.lookup_word(word) is None)
    print(json.dumps({"version": version("pocketsphinx"), "missing": missing}))
    with tempfile.NamedTemporaryFile("w", suffix=".fsg", encoding="utf-8") as out:
        out.write(fsg_text(grammar, set(missing)))
        out.flush()
        decoder = Decoder(lm=None, fsg=out.name, loglevel="FATAL")
        with open(sys.argv[2], encoding="utf-8") as names:
            for name in names.read().splitlines():
                with open(name, "rb") as file:
                    samples = file.read()
                before = time.process_time()
                decoder.start_utt()
                decoder.process_raw(samples, full_utt=True)
                decoder.end_utt()
                heard = decoder.hyp()
                cpu_ms = 1000 * (time.process_time() - before)
                print(json.dumps({"text": heard.hypstr if heard else "", "cpuMs": cpu_ms}), flush=True)


def fsg_text(grammar: dict, missing: set) -> str:
    """The automaton in PocketSphinx's own format; every way out of a state is as likely as the others."""
    arcs = [arc for arc in grammar["arcs"] if arc[2] not in missing]
    ways = {}
    for source, _, _ in arcs:
        ways[source] = ways.get(source, 0) + 1
    lines = [
        "FSG_BEGIN commands",
        f"NUM_STATES {grammar['states']}",
        f"START_STATE {grammar['start']}",
        f"FINAL_STATE {grammar['accept']}",
    ]
    for source, target, word in arcs:
        lines.append(f"TRANSITION {source} {target} {1 / ways[source]:.6g} {word or ''}".rstrip())
    return "\n".join([*lines, "FSG_END", ""])


main()
