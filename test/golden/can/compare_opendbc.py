"""Compares Vigil with cantools over a folder of DBC files, signal for signal and bit for bit.

Every file is flattened by the rule of src/can/dbc-import.ts and given to cantools, and given to Vigil as it lies
there. A text that cantools refuses is repaired for it (see `repair`), and a message whose signals overlap, which
cantools cannot decode, is decoded signal by signal. Every message then decodes the same seeded random payloads (zeros,
ones, random ones whose switches are set to values that occur, and short ones). Needs cantools 45 (PyPI) and the built
product (`./run build`).

    python3 test/golden/can/compare_opendbc.py FOLDER [--table]

--table prints a row per file in Markdown. Exit code 1 when a value differs.
"""

import json
import math
import pathlib
import random
import re
import struct
import subprocess
import sys

import cantools

HERE = pathlib.Path(__file__).parent
SEED = 20240611
FRAMES = 40
IMPORT = re.compile(r'^[ \t]*CM_[ \t]+"IMPORT[ \t]+([^"\n]*[^"\s])\s*"[ \t]*;', re.MULTILINE)


def read_text(path):
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def without_lines(text, numbers):
    """Leaves out lines, with a message's line its signals; the other lines keep their numbers."""
    lines = text.split("\n")
    for number in sorted(numbers):
        index = number - 1
        message = lines[index].lstrip().startswith("BO_ ")
        lines[index] = ""
        while message and index + 1 < len(lines) and lines[index + 1].lstrip().startswith("SG_ "):
            index += 1
            lines[index] = ""
    return "\n".join(lines)


def repair(text):
    """What cantools takes amiss and Vigil does not: the same values, differently written."""

    def extended(match):
        key = int(match[2])
        return f"{match[1]}{key | 0x80000000 if 0x7FF < key <= 0x1FFFFFFF else key}{match[3]}"

    text = re.sub(r"^(\s*BO_ )(\d+)( )", extended, text, flags=re.MULTILINE)
    said = r"^(\s*(?:CM_ |VAL_ |SG_MUL_VAL_ |SIG_VALTYPE_ )(?:SG_ |BO_ )?)(\d+)( )"
    text = re.sub(said, extended, text, flags=re.MULTILINE)
    digits = r"^(\s*(?:BO_ \d+|SG_|(?:CM_ SG_|VAL_) \d+) )(\d+[A-Za-z_])"
    text = re.sub(digits, r"\1Q9_\2", text, flags=re.MULTILINE)
    text = re.sub(r"([(,\[|])\.(\d)", r"\g<1>0.\2", text)
    return re.sub(r'^(\s*(?:VAL_|CM_) [^;\n]*["0-9]\s*)$', r"\1;", text, flags=re.MULTILINE)


def plain(name):
    return name.removeprefix("Q9_")


def flatten(path, left_out=(), seen=None):
    """The texts that count as written before each other, imported ones first, each once."""
    seen = set() if seen is None else seen
    seen.add(path)
    text = without_lines(read_text(path), {p["line"] for p in left_out if p["file"] == str(path)})
    parts = []
    for name in IMPORT.findall(text):
        other = path.parent / name
        if other not in seen and other.exists():
            parts.append(flatten(other, left_out, seen))
    return "\n".join([*parts, IMPORT.sub("", text)])


def positions(signal):
    """Bit positions (byte * 8 + bit) from the least significant bit on."""
    if signal.byte_order == "little_endian":
        return [signal.start + i for i in range(signal.length)]
    first = (signal.start & ~7) | (7 - (signal.start & 7))
    order = [first + i for i in range(signal.length)]
    return [(p & ~7) | (7 - (p & 7)) for p in reversed(order)]


def set_switches(generator, message, data, chosen=None):
    """Gives every switch that is present a value that some signal asks for."""
    chosen = {} if chosen is None else chosen
    for signal in message.signals:
        owner = signal.multiplexer_signal
        present = owner is None or chosen.get(owner) in signal.multiplexer_ids
        if not signal.is_multiplexer or signal.name in chosen or not present:
            continue
        asked = {i for s in message.signals if s.multiplexer_signal == signal.name for i in s.multiplexer_ids}
        value = generator.choice(sorted(asked))
        chosen[signal.name] = value
        for i, position in enumerate(positions(signal)):
            if position < len(data) * 8:
                mask = 1 << (position & 7)
                data[position >> 3] = data[position >> 3] & ~mask | (mask if value >> i & 1 else 0)
        set_switches(generator, message, data, chosen)


def payloads(generator, message):
    for index in range(FRAMES):
        if index == 0:
            data = bytearray(message.length)
        elif index == 1:
            data = bytearray(b"\xff" * message.length)
        else:
            data = bytearray(generator.randbytes(message.length))
        if index > 1 and message.is_multiplexed():
            set_switches(generator, message, data)
        if index % 10 == 9:
            data = data[: generator.randrange(message.length)] if message.length > 0 else data
        yield bytes(data[:64])


def hex_of(value):
    value = float(value)
    return "nan" if math.isnan(value) else struct.pack(">d", value).hex()


def same(ours, theirs):
    zeros = {"0000000000000000", "8000000000000000"}
    return ours == theirs or {ours, theirs} <= zeros


class Vigil:
    def __init__(self):
        self.process = subprocess.Popen(
            ["node", str(HERE / "opendbc_driver.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def alone(message):
    """A decoder per signal, with the switches it depends on, for a message whose signals overlap."""
    by_name = {s.name: s for s in message.signals}
    parts = []
    for signal in message.signals:
        chain, owner = [signal], signal.multiplexer_signal
        while owner is not None:
            chain.append(by_name[owner])
            owner = by_name[owner].multiplexer_signal
        if len(chain) == 1 and signal.is_multiplexer:
            continue  # comes with those that depend on it
        try:
            parts.append(
                cantools.database.can.Message(
                    message.frame_id, message.name, message.length, chain,
                    is_extended_frame=message.is_extended_frame, is_fd=message.length > 8, strict=False,
                )
            )
        except Exception:
            continue
    return parts


def decode(message, data):
    """Values by name; raises when cantools can decode neither the message nor some signal of it."""
    options = {"decode_choices": False, "allow_truncated": True}
    try:
        return message.decode(data, **options), True
    except Exception as error:
        if "unpacking failed" not in str(error):
            raise
    values = {}
    for part in alone(message):
        try:
            values |= part.decode(data, **options)
        except Exception:
            continue
    return values, False


def load(path, ours, row):
    try:
        return cantools.database.load_string(flatten(path), database_format="dbc", strict=False)
    except Exception as error:  # cantools raises several unrelated kinds
        row["reason"] = re.sub(r"\s+", " ", str(error))[:160]
    try:
        text = repair(flatten(path, ours["places"]))
        theirs = cantools.database.load_string(text, database_format="dbc", strict=False)
        row["cantools"] = "repaired"
        return theirs
    except Exception as error:
        row["cantools"] = "refused"
        row["reason"] += " / repaired: " + re.sub(r"\s+", " ", str(error))[:160]
        return None


def compare(vigil, path, row):
    ours = vigil.ask({"load": str(path)})
    row["ours"] = ours
    if "refused" in ours:
        return
    theirs = load(path, ours, row)
    if theirs is None:
        return
    known = {(m["id"], m["extended"]): m for m in ours["messages"]}
    row["distinct"] = sum(len(m["signals"]) for m in known.values())
    generator = random.Random(SEED)
    frames, expected = [], []
    by_key = {(m.frame_id, m.is_extended_frame): m for m in theirs.messages}
    row["only_ours"] = sorted(str(key) for key in known.keys() - by_key.keys())
    row["only_theirs"] = sorted(str(key) for key in by_key.keys() - known.keys())
    for key in sorted(by_key.keys() & known.keys()):
        message = by_key[key]
        names = set(known[key]["signals"])
        row["missing"] += [f"{message.name}.{s.name}" for s in message.signals if plain(s.name) not in names]
        row["extra"] += [f"{message.name}.{n}" for n in names - {plain(s.name) for s in message.signals}]
        for data in payloads(generator, message):
            try:
                values, whole = decode(message, data)
            except Exception as error:
                text = f"{message.name}: {str(error)[:60]}"
                row["undecoded"][text] = row["undecoded"].get(text, 0) + 1
                continue
            frames.append([key[0], key[1], data.hex()])
            expected.append((message.name, names, {plain(n): v for n, v in values.items()}, whole))
    answer = vigil.ask({"decode": frames})
    row["disagreements"] = answer["disagreements"]
    for frame, (name, names, values, whole), actual in zip(frames, expected, answer["values"]):
        row["frames"] += 1
        for signal, value in values.items():
            if signal not in names:
                continue
            row["values"] += 1
            row["compared"].add((frame[0], frame[1], signal))
            if not same(actual.get(signal, "absent"), hex_of(value)):
                row["different"].append(f"{name}.{signal} of {frame[2]}: {actual.get(signal)} not {hex_of(value)}")
        # Of a message decoded signal by signal, cantools may not have managed all.
        for signal in actual.keys() - values.keys() if whole else ():
            row["different"].append(f"{name}.{signal} of {frame[2]}: {actual[signal]} not absent")


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    files = sorted(folder.rglob("*.dbc"))
    vigil = Vigil()
    rows = []
    for path in files:
        row = {"file": str(path.relative_to(folder)), "cantools": "loaded", "frames": 0, "values": 0}
        row |= {"different": [], "missing": [], "extra": [], "only_ours": [], "only_theirs": [], "undecoded": {}}
        row |= {"disagreements": 0, "compared": set(), "distinct": 0}
        compare(vigil, path, row)
        rows.append(row)
        loaded = "refused" not in row["ours"]
        notes = {k: row[k] for k in ("missing", "extra", "only_ours", "only_theirs", "undecoded") if row[k]}
        print(
            f"{row['file']}: {'loaded' if loaded else row['ours']['refused']}; "
            f"cantools {row['cantools']} {row.get('reason', '')}; "
            f"{row['values']} values, {len(row['different'])} different {notes if notes else ''}",
            file=sys.stderr,
        )
        for text in row["different"][:3]:
            print(f"    {text}", file=sys.stderr)
    if "--table" in sys.argv:
        print("| file | messages | signals | imports | left out | written back | cantools | compared | values | different |")
        print("|---|---|---|---|---|---|---|---|---|---|")
        for row in rows:
            ours = row["ours"]
            if "refused" in ours:
                print(f"| {row['file']} | refused: {ours['refused']} | | | | | | | | |")
                continue
            signals = sum(len(m["signals"]) for m in ours["messages"])
            theirs = row["cantools"]
            print(
                f"| {row['file']} | {len(ours['messages'])} | {signals} | {ours['imports']} | {len(ours['errors'])} | "
                f"{'same' if ours['survivesWriting'] else 'DIFFERENT'} | {theirs} | "
                f"{len(row['compared'])} of {row['distinct']} | {row['values']} | {len(row['different'])} |"
            )
    loaded = [row for row in rows if "refused" not in row["ours"]]
    different = sum(len(row["different"]) for row in rows)
    disagreements = sum(row["disagreements"] for row in rows)
    print(
        json.dumps(
            {
                "files": len(rows),
                "loaded": len(loaded),
                "survive writing": sum(row["ours"]["survivesWriting"] for row in loaded),
                "cantools loaded": sum(row["cantools"] == "loaded" for row in rows),
                "cantools loaded after repair": sum(row["cantools"] == "repaired" for row in rows),
                "signals": sum(row["distinct"] for row in rows),
                "signals compared": sum(len(row["compared"]) for row in rows),
                "frames": sum(row["frames"] for row in rows),
                "values": sum(row["values"] for row in rows),
                "different": different,
                "batch and single frame disagree": disagreements,
            }
        )
    )
    return 1 if different + disagreements > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
