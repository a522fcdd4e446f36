"""Makes the MF4 files beside this script, and what python-can reads from each: python3 mf4-make.py
(PyPI: python-can 4.6.1, asammdf 8.8.28). The .json files hold one [nanoseconds from the start, id, flags, channel,
payload] a frame; flags are those of src/can/frames.ts. Files whose name says asammdf were written by it, for
python-can; the others block by block, in the shapes of loggers.
"""

import datetime
import json
import pathlib
import random
import struct
import sys
import zlib

import can
from can.io.mf4 import MF4Reader, MF4Writer

folder = pathlib.Path(__file__).parent
start = 1436509052.25
start_ns = 1436509052_250_000_000
CODES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64]


# ---- what is expected


def frame(message, channel_base):
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
    channel = message.channel - channel_base
    return [round(message.timestamp * 1e9), message.arbitration_id, flags, channel, data.hex()]


def expected(file, channel_base):
    reader = MF4Reader(file)
    first_ns = reader._mdf.header.abs_time
    reader._start_timestamp = 0  # a double holds seconds since 1970 only to 240 ns
    rows = [frame(message, channel_base) for message in reader]
    reader.stop()
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    return f'{{"startNs":"{first_ns}","frames":[\n{lines}\n]}}\n'


# ---- files by python-can


def messages(count):
    generator = random.Random(3)
    for i in range(count):
        kind = generator.randrange(8)
        extended = generator.random() < 0.4
        fields = {
            "timestamp": start + i * 0.000973 + i // 50 * 61.5,
            "arbitration_id": generator.getrandbits(29 if extended else 11),
            "is_extended_id": extended,
            "channel": generator.randrange(4),
            "is_rx": generator.random() < 0.7,
        }
        if kind == 0:
            fields |= {"is_remote_frame": True, "dlc": generator.randrange(9)}
        elif kind == 1:
            fields |= {"is_error_frame": True, "dlc": 8, "data": generator.randbytes(8)}
        elif kind < 5:
            length = generator.choice(CODES)
            fields |= {
                "is_fd": True,
                "bitrate_switch": generator.random() < 0.5,
                "error_state_indicator": generator.random() < 0.2,
                "dlc": length,
                "data": generator.randbytes(length),
            }
        else:
            length = generator.randrange(9)
            fields |= {"dlc": length, "data": generator.randbytes(length)}
        yield can.Message(check=True, **fields)


def written(name, compression):
    with MF4Writer(folder / name, compression_level=compression) as writer:
        writer._mdf.header.start_time = datetime.datetime.fromtimestamp(start, datetime.timezone.utc)
        writer.last_timestamp = writer._start_time = start
        for message in messages(200):
            writer.on_message_received(message)
    (folder / f"{name}.json").write_text(expected(folder / name, 0))


# ---- files block by block


class Block:
    def __init__(self, kind, links=(), data=b"", length=None):
        self.kind, self.links, self.data, self.length = kind, list(links), data, length

    def size(self):
        return 24 + 8 * len(self.links) + len(self.data)

    def bytes(self):
        links = struct.pack(f"<{len(self.links)}Q", *(link.position if link else 0 for link in self.links))
        length = self.size() if self.length is None else self.length
        return b"##" + self.kind + struct.pack("<4xQQ", length, len(self.links)) + links + self.data


def save(name, header, unfinished=0):
    """All blocks that the header leads to, data blocks last."""
    found = []

    def visit(block):
        if block and block not in found:
            found.append(block)
            for link in block.links:
                visit(link)

    visit(header)
    found.sort(key=lambda block: block.kind in (b"DT", b"SD", b"DZ"))
    position = 64
    for block in found:
        block.position = position
        position += (block.size() + 7) // 8 * 8
    magic = b"UnFinMF " if unfinished else b"MDF     "
    file = magic + b"4.11    " + b"vigil\0\0\0" + struct.pack("<4xH30xHH", 411, unfinished, 0)
    for block in found:
        file += block.bytes().ljust((block.size() + 7) // 8 * 8, b"\0")
    if unfinished:
        file = file[: found[-1].position + found[-1].size()]
    (folder / name).write_bytes(file)


def text(value):
    data = value.encode() + b"\0"
    return Block(b"TX", data=data.ljust((len(data) + 7) // 8 * 8, b"\0"))


def channel(name, byte, bit, bits, kind=0, sync=0, data_type=0, conversion=None, values=None, inner=None, size=None):
    data = struct.pack("<BBBBIIIIBxHdddddd", kind, sync, data_type, bit, byte, bits, 0, 0, 0, 0, *[0.0] * 6)
    return Block(b"CN", [None, inner, text(name), None, conversion, values, None, None], data)


def chained(blocks):
    for block, following in zip(blocks, blocks[1:]):
        block.links[0] = following
    return blocks[0] if blocks else None


def linear(factor):
    return Block(b"CC", [None] * 4, struct.pack("<BBHHHdddd", 1, 0, 0, 0, 2, 0, 0, 0.0, factor))


def group(name, channels, size, number=0, count=0, bus=2, flags=6):
    source = Block(b"SI", [text(name), None, None], struct.pack("<BBB5x", 2, bus, 0))
    data = struct.pack("<QQHHIII", number, count, flags, ord("."), 0, size, 0)
    return Block(b"CG", [None, chained(channels), text(name), source, None, None], data)


def header(data_groups):
    data = struct.pack("<QhhBBBxdd", start_ns, 60, 60, 2, 0, 0, 0.0, 0.0)
    return Block(b"HD", [chained(data_groups), None, None, None, None, None], data)


def data_group(groups, data, id_bytes):
    return Block(b"DG", [None, chained(groups), data, None], struct.pack("<B7x", id_bytes))


def data_frame_channels(prefix, values=None, payload=8, time_type=0):
    """Time in 8 bytes, then 6 bytes of bits, then the payload or the offset of its value."""
    fields = [
        channel(prefix + "ID", 8, 0, 29),
        channel(prefix + "IDE", 11, 5, 1),
        channel(prefix + "Dir", 11, 6, 1),
        channel(prefix + "BusChannel", 12, 0, 4),
        channel(prefix + "DLC", 12, 4, 4),
        channel(prefix + "DataLength", 13, 0, 7),
        channel(prefix + "EDL", 14, 0, 1),
        channel(prefix + "BRS", 14, 1, 1),
        channel(prefix + "ESI", 14, 2, 1),
        channel(prefix + "DataBytes", 15, 0, 64 if values else 8 * payload, 1 if values else 0, 0, 10, values=values),
    ]
    whole = channel(prefix[:-1], 8, 0, 56 + (64 if values else 8 * payload), data_type=10, inner=chained(fields))
    time = channel("Timestamp", 0, 0, 64, 2, 1, time_type, linear(1e-9))
    return [time, whole]


def data_record(generator, ns, extended, length_limit, value=None, as_float=False):
    code = generator.randrange(length_limit)
    length = CODES[code]
    fd = code > 8 or generator.random() < 0.3
    word = generator.getrandbits(29 if extended else 11) | extended << 29 | (generator.random() < 0.3) << 30
    bits = generator.randrange(1, 5) | code << 4
    flags = fd | (fd and generator.random() < 0.5) << 1 | (fd and generator.random() < 0.5) << 2
    time = struct.pack("<d" if as_float else "<Q", ns)
    payload = generator.randbytes(length)
    return time + struct.pack("<IBBB", word, bits, length, flags), payload


def unsorted(name, unfinished, as_float):
    """A logger that streams: one group of data, records of all kinds with an id in front, payloads as values of
    variable length."""
    generator = random.Random(11)
    values = group("values", [], 0, 2, 0, flags=1)
    data = group("CAN_DataFrame", data_frame_channels("CAN_DataFrame.", values, time_type=4 if as_float else 0), 23, 1)
    prefix = "CAN_RemoteFrame."
    remote_fields = [
        channel(prefix + "ID", 8, 0, 29),
        channel(prefix + "IDE", 11, 5, 1),
        channel(prefix + "Dir", 11, 6, 1),
        channel(prefix + "BusChannel", 12, 0, 4),
        channel(prefix + "DLC", 12, 4, 4),
        channel(prefix + "DataLength", 13, 0, 7),
    ]
    remote = group(
        "CAN_RemoteFrame",
        [
            channel("Timestamp", 0, 0, 64, 2, 1, 4 if as_float else 0, linear(1e-9)),
            channel(prefix[:-1], 8, 0, 48, data_type=10, inner=chained(remote_fields)),
        ],
        14,
        4,
    )
    prefix = "CAN_ErrorFrame."
    error_fields = [channel(prefix + "BusChannel", 8, 0, 2), channel(prefix + "ErrorType", 8, 2, 6)]
    error = group(
        "CAN_ErrorFrame",
        [
            channel("Timestamp", 0, 0, 64, 2, 1, 4 if as_float else 0, linear(1e-9)),
            channel(prefix[:-1], 8, 0, 8, data_type=10, inner=chained(error_fields)),
        ],
        9,
        3,
    )
    lin = group("LIN_Frame", [channel("LIN_Frame", 8, 0, 24, data_type=10)], 11, 6, bus=3)
    content, offset = b"", 0
    counts = [0] * 7
    for i in range(150):
        ns = i * 1_000_123
        kind = generator.randrange(9)
        time = struct.pack("<d" if as_float else "<Q", ns)
        if kind == 0:
            word = generator.getrandbits(11)
            content += b"\4" + time + struct.pack("<IBB", word, 1 | generator.randrange(9) << 4, 0)
            counts[4] += 1
        elif kind == 1:
            content += b"\3" + time + bytes([generator.randrange(1, 4) | 1 << 2])
            counts[3] += 1
        elif kind == 2:
            content += b"\6" + time + generator.randbytes(3)
            counts[6] += 1
        else:
            record, payload = data_record(generator, ns, kind > 5, 16, as_float=as_float)
            record = b"\1" + record + struct.pack("<Q", offset)
            value = b"\2" + struct.pack("<I", len(payload)) + payload
            content += record + value if kind % 2 else value + record
            offset += 4 + len(payload)
            counts[1] += 1
            counts[2] += 1
    for block, number in ((data, 1), (values, 2), (error, 3), (remote, 4), (lin, 6)):
        if unfinished:
            continue
        block.data = block.data[:8] + struct.pack("<Q", counts[number]) + block.data[16:]
    if not unfinished:
        values.data = values.data[:24] + struct.pack("<Q", offset)
    block = Block(b"DT", data=content, length=24 if unfinished else None)
    groups = [data, values, error, remote, lin]
    save(name, header([data_group(groups, block, 1)]), unfinished)
    (folder / f"{name}.json").write_text(expected(folder / name, 1))


def packed(kind, content, columns):
    plain = content
    if columns:
        rows = len(content) // columns
        body = content[: rows * columns]
        plain = b"".join(body[column::columns] for column in range(columns)) + content[rows * columns :]
    data = zlib.compress(plain)
    head = struct.pack("<2sBxIQQ", kind, 1 if columns else 0, columns, len(content), len(data))
    return Block(b"DZ", data=head + data)


def listed(pieces, with_header):
    lists = []
    for at in range(0, len(pieces), 3):
        part = pieces[at : at + 3]
        offsets = struct.pack(f"<{len(part)}Q", *range(len(part)))
        lists.append(Block(b"DL", [None, *part], struct.pack("<B3xI", 0, len(part)) + offsets))
    first = chained(lists)
    return Block(b"HL", [first], struct.pack("<HB5x", 0, 1)) if with_header else first


def cut(content, generator, size):
    pieces, at = [], 0
    while at < len(content):
        step = generator.randrange(1, size)
        pieces.append(content[at : at + step])
        at += step
    return pieces


def sorted_shapes(name, pack):
    """A logger that sorts: a group of data for each bus, each with records of one kind; one has payloads in the
    record, the other as values of variable length in blocks of their own. Blocks are cut anywhere."""
    generator = random.Random(13)
    fixed, variable, values = b"", b"", b""
    counts = [0, 0]
    for i in range(130):
        ns = i * 900_001
        if i % 3:
            record, payload = data_record(generator, ns, i % 2, 9)
            fixed += record + payload.ljust(8, b"\0")
            counts[0] += 1
        else:
            record, payload = data_record(generator, ns, i % 2, 16)
            variable += record + struct.pack("<Q", len(values))
            values += struct.pack("<I", len(payload)) + payload
            counts[1] += 1

    def blocks(kind, content, columns):
        pieces = cut(content, generator, 500)
        if pack:
            return listed([packed(kind, piece, columns * (n % 2)) for n, piece in enumerate(pieces)], True)
        return listed([Block(kind, data=piece) for piece in pieces], False)

    first = group("CAN_DataFrame", data_frame_channels("CAN_DataFrame."), 23, 0, counts[0])
    value_blocks = blocks(b"SD", values, 0)
    second = group("CAN_DataFrame", data_frame_channels("CAN_DataFrame.", value_blocks), 23, 0, counts[1])
    lin = group("LIN_Frame", [channel("LIN_Frame", 8, 0, 24, data_type=10)], 11, 0, 3, bus=3)
    groups = [
        data_group([first], blocks(b"DT", fixed, 23), 0),
        data_group([second], blocks(b"DT", variable, 23), 0),
        data_group([lin], Block(b"DT", data=bytes(33)), 0),
    ]
    save(name, header(groups))
    (folder / f"{name}.json").write_text(expected(folder / name, 1))


if len(sys.argv) > 1:  # what python-can reads from any file: mf4-make.py FILE
    print(expected(sys.argv[1], 1), end="")
else:
    written("mf4-asammdf.mf4", 0)
    written("mf4-asammdf-packed.mf4", 2)
    unsorted("mf4-unsorted.mf4", 0, False)
    unsorted("mf4-unfinished.mf4", 0x25, True)
    sorted_shapes("mf4-sorted.mf4", False)
    sorted_shapes("mf4-sorted-packed.mf4", True)
