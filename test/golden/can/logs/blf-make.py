"""Makes the BLF files beside this script, and what python-can reads from each: python3 blf-make.py
(PyPI: python-can 4.6.1). The .json files hold one [nanoseconds from the start, id, flags, channel, payload] a frame;
flags are those of src/can/frames.ts.
"""

import json
import pathlib
import random
import struct
import zlib

import can
from can.io.blf import BLFReader, BLFWriter

folder = pathlib.Path(__file__).parent
start = 1436509052.25


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
            length = generator.choice([0, 1, 7, 8, 12, 16, 20, 24, 32, 48, 64])
            fields |= {
                "is_fd": True,
                "bitrate_switch": generator.random() < 0.5,
                "error_state_indicator": generator.random() < 0.2,
                "dlc": length,
                "data": generator.randbytes(length),
            }
        else:
            fields |= {"data": generator.randbytes(generator.randrange(9))}
        yield can.Message(check=True, **fields)


def frame(message):
    flags = (
        message.is_extended_id
        | message.is_remote_frame << 1
        | message.is_error_frame << 2
        | message.is_fd << 3
        | message.bitrate_switch << 4
        | message.error_state_indicator << 5
        | (not message.is_rx) << 6
    )
    data = bytes(message.dlc) if message.is_remote_frame else bytes(message.data)
    return [round(message.timestamp * 1e9), message.arbitration_id, flags, message.channel, data.hex()]


def expect(name, *more):
    with BLFReader(folder / name) as reader:
        first_ns = round(reader.start_timestamp * 1e3) * 1_000_000
        reader.start_timestamp = 0  # a double holds seconds since 1970 only to 240 ns
        rows = [*(frame(message) for message in reader), *more]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (folder / name).with_suffix(".blf.json").write_text(f'{{"startNs":"{first_ns}","frames":[\n{lines}\n]}}\n')


def written(name, **options):
    with BLFWriter(folder / name, **options) as writer:
        for number, message in enumerate(messages(240)):
            writer.on_message_received(message)
            if number % 60 == 0:
                writer.log_event("a marker", message.timestamp)
    expect(name)


def object_bytes(kind, body, stamp, stamp_unit=2, version=1):
    header_size = 32 if version == 1 else 40
    base = struct.pack("<4sHHLL", b"LOBJ", header_size, version, header_size + len(body), kind)
    if version == 1:
        stamped = struct.pack("<LHHQ", stamp_unit, 0, 0, stamp)
    else:
        stamped = struct.pack("<LBxHQ8x", stamp_unit, 0, 0, stamp)
    data = base + stamped + body
    return data + bytes(len(data) % 4)


def container(content, packed=True):
    body = zlib.compress(content) if packed else content
    head = struct.pack("<4sHHLLH6xL4x", b"LOBJ", 16, 1, 32 + len(body), 10, 2 if packed else 0, len(content))
    data = head + body
    return data + bytes(len(data) % 4)


def vector_shapes():
    """What loggers other than python-can write: CAN_MESSAGE2, CAN_FD_MESSAGE_64, stamps of 10 us, headers of
    version 2, other buses, objects at the top, containers cut anywhere."""
    generator = random.Random(7)
    content = b""
    for i in range(120):
        kind = i % 6
        channel, extended = 1 + i % 3, i % 2 << 31
        identifier = generator.getrandbits(29 if extended else 11) | extended
        stamp, unit = (i * 120, 1) if i % 4 == 1 else (i * 1_200_123, 2)
        version = 2 if i % 5 == 0 else 1
        direction = i % 7 == 0
        if kind == 0:  # CAN_MESSAGE2
            body = struct.pack("<HBBL8sLBBH", channel, direction, 8, identifier, generator.randbytes(8), 230000, 120, 0, 0)
            content += object_bytes(86, body, stamp, unit, version)
        elif kind == 1:  # a remote frame
            body = struct.pack("<HBBL8s", channel, 0x80 | direction, i % 9, identifier, b"")
            content += object_bytes(1, body, stamp, unit, version)
        elif kind in (2, 3):  # CAN_FD_MESSAGE_64; the odd ones with extended data behind the payload
            code = generator.randrange(16)
            length = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64][code]
            flags = 0x1000 | 0x2000 * (i % 3 == 0) | 0x4000 * (i % 5 == 0)
            extension = (32 if version == 1 else 40) + 40 + length if kind == 3 else 0
            head = struct.pack(
                "<BBBBLLLLLLLHBBL", channel, code, length, 0, identifier, 0, flags, 0, 0, 0, 0, 0, direction, extension, 0
            )
            body = head + generator.randbytes(length) + (b"\x11" * 8 if kind == 3 else b"")
            content += object_bytes(101, body, stamp, unit, version)
        elif kind == 4:  # CAN_FD_MESSAGE_64 as a classic frame
            head = struct.pack("<BBBBLLLLLLLHBBL", channel, 8, 8, 0, identifier, 0, 0, 0, 0, 0, 0, 0, direction, 0, 0)
            content += object_bytes(101, head + generator.randbytes(8), stamp, unit, version)
        else:  # LIN and Ethernet, of no interest here
            content += object_bytes(11 if i % 4 == 1 else 71, generator.randbytes(10 + i % 23), stamp, unit, version)
    top = object_bytes(1, struct.pack("<HBBL8s", 2, 0, 3, 0x123, b"\1\2\3"), 145_000_000)
    body, at, packed = b"", 0, True
    while at < len(content):
        size = generator.randrange(50, 900)
        body += container(content[at : at + size], packed)
        at, packed = at + size, not packed
    body += top
    time = (2015, 7, 5, 10, 6, 17, 32, 250)
    head = struct.pack("<4sLBBBBBBBBQQLL8H8H", b"LOGG", 144, 2, 1, 0, 0, 2, 6, 8, 1, 144 + len(body), 0, 121, 0, *time, *time)
    (folder / "blf-vector.blf").write_bytes(head.ljust(144, b"\0") + body)
    # python-can passes over frames outside of containers.
    expect("blf-vector.blf", [145_000_000, 0x123, 0, 1, "010203"])


written("blf-python-can.blf", max_container_size=1000)
written("blf-stored.blf", max_container_size=5000, compression_level=0)
vector_shapes()
