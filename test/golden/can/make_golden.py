"""Decodes seeded random payloads of oddities.dbc with cantools and writes golden.json.

Needs cantools 45 (PyPI) on Python 3. Every value is the big-endian hex of a double, so that the test can compare
bit for bit; a signal that cantools leaves out (multiplexed away, frame too short) has none. `encoded` is what
cantools makes of the decoded values, for messages whose values doubles hold exactly.

    python3 test/golden/can/make_golden.py
"""

import json
import pathlib
import random
import struct

import cantools

HERE = pathlib.Path(__file__).parent
SEED = 20240607
FRAMES = 24
# Raw values beyond 2^53 do not survive the way through a double, and random floats are mostly out of a sane range.
NOT_ENCODED = {
    "DriveExtended", "WideSigned", "WideScaled", "WideFraction", "WideMixed", "FloatsIntel", "FloatsMotorola",
    "DoubleIntel", "DoubleMotorola", "Fd",
}


def hex_of(value):
    return struct.pack(">d", float(value)).hex()


def payloads(generator, message):
    for index in range(FRAMES):
        length = message.length
        if index % 6 == 5:
            length = generator.randrange(message.length)
        if index == 0:
            yield bytes(length)
        elif index == 1:
            yield b"\xff" * length
        else:
            yield generator.randbytes(length)


def switched(generator, message, payload):
    """Sets the switches to values that occur, as random ones would mostly select nothing."""
    switches = {"Multiplexed": [0, 1, 7], "Nested": [0x00, 0x04, 0x05, 0x11, 0x21, 0x29, 0x31]}
    data = bytearray(payload)
    if message.name in switches and len(data) > 0:
        keep = 0xF0 if message.name == "Multiplexed" else 0xC0
        data[0] = data[0] & keep | generator.choice(switches[message.name])
    if message.name == "FdMultiplexed" and len(data) > 16:
        data[16] = generator.choice([3, 200])
    return bytes(data)


def main():
    database = cantools.database.load_file(HERE / "oddities.dbc")
    generator = random.Random(SEED)
    result = []
    for message in database.messages:
        frames = []
        for payload in payloads(generator, message):
            payload = switched(generator, message, payload)
            values = message.decode(payload, decode_choices=False, allow_truncated=True)
            frame = {"data": payload.hex(), "values": {name: hex_of(value) for name, value in values.items()}}
            if message.name not in NOT_ENCODED and len(payload) == message.length:
                try:
                    frame["encoded"] = message.encode(values, scaling=True, strict=True).hex()
                except (cantools.database.EncodeError, KeyError):
                    pass
            frames.append(frame)
        result.append(
            {
                "message": message.name,
                "id": message.frame_id,
                "extended": message.is_extended_frame,
                "frames": frames,
            }
        )
    (HERE / "golden.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
