"""Vectors of AUTOSAR E2E profiles, made with the PyPI package autosar-e2e (an implementation in C that is not ours).
It has no profile 8: that is put together here from the layout, its CRC by the PyPI package crccheck, after the same way
has given what autosar-e2e gives for profile 4, whose CRC and order are the same.

python3 e2e_vectors.py > e2e-vectors.json
"""

import json
import random

from crccheck.crc import Crc32Autosar
from e2e import p01, p02, p04, p05, p06, p07, p11

random.seed(20261122)
MODES = ["both", "alternating", "low", "nibble"]
vectors = []


def data(length):
    return bytearray(random.randrange(256) for _ in range(length))


def add(profile, before, counter, after, **more):
    vectors.append({"profile": profile, "before": bytes(before).hex(), "counter": counter, "after": bytes(after).hex(), **more})


for mode in range(4):
    for _ in range(6):
        before = data(random.choice([4, 8, 16, 24]))
        counter = random.randrange(15)
        after = bytearray(before)
        # The library takes the counter from the payload.
        after[1] = (after[1] & 0xF0) | counter
        data_id = random.randrange(0x10000)
        p01.e2e_p01_protect(after, data_id, data_id_mode=mode, increment_counter=False)
        add("e2e-p01", before, counter, after, dataId=data_id, mode=MODES[mode])
for mode, name in ((p11.E2E_P11_DATAID_BOTH, "both"), (p11.E2E_P11_DATAID_NIBBLE, "nibble")):
    for _ in range(6):
        before = data(random.choice([4, 8, 16]))
        counter = random.randrange(15)
        after = bytearray(before)
        after[1] = (after[1] & 0xF0) | counter
        data_id = random.randrange(0x10000)
        p11.e2e_p11_protect(after, data_id, data_id_mode=mode, increment_counter=False)
        add("e2e-p11", before, counter, after, dataId=data_id, mode=name)
for _ in range(16):
    before = data(random.choice([4, 8, 16, 64]))
    counter = random.randrange(16)
    after = bytearray(before)
    after[1] = (after[1] & 0xF0) | counter
    ids = [random.randrange(256) for _ in range(16)]
    p02.e2e_p02_protect(after, bytes(ids), increment_counter=False)
    add("e2e-p02", before, counter, after, list=ids)
HEADERS = (
    ("e2e-p04", p04.e2e_p04_protect, 2, 2, 2**32, 12),
    ("e2e-p05", p05.e2e_p05_protect, 2, 1, 2**16, 3),
    ("e2e-p06", p06.e2e_p06_protect, 4, 1, 2**16, 5),
    ("e2e-p07", p07.e2e_p07_protect, 12, 4, 2**32, 20),
)
for profile, protect, at, width, ids, header in HEADERS:
    for _ in range(8):
        length = random.choice([24, 32, 48, 64])
        offset = random.choice([0, 4, length - header])
        before = data(length)
        counter = random.randrange(256**width)
        after = bytearray(before)
        after[offset + at : offset + at + width] = counter.to_bytes(width, "big")
        data_id = random.randrange(ids)
        protect(after, data_id, offset=offset, increment_counter=False)
        add(profile, before, counter, after, dataId=data_id, offset=offset)


def header8(payload, offset, counter, data_id):
    """CRC, length, counter, Data ID, four bytes each, most significant first; the CRC covers all but itself."""
    payload[offset + 4 : offset + 16] = b"".join(word.to_bytes(4, "big") for word in (len(payload), counter, data_id))
    crc = Crc32Autosar.calc(payload[:offset] + payload[offset + 4 :])
    payload[offset : offset + 4] = crc.to_bytes(4, "big")


def header4(payload, offset, counter, data_id):
    words = len(payload).to_bytes(2, "big") + counter.to_bytes(2, "big") + data_id.to_bytes(4, "big")
    payload[offset : offset + 8] = words
    crc = Crc32Autosar.calc(payload[: offset + 8] + payload[offset + 12 :])
    payload[offset + 8 : offset + 12] = crc.to_bytes(4, "big")


for vector in vectors:
    if vector["profile"] == "e2e-p04":
        again = bytearray.fromhex(vector["before"])
        header4(again, vector["offset"], vector["counter"], vector["dataId"])
        assert again.hex() == vector["after"]
for _ in range(8):
    length = random.choice([24, 32, 48, 64])
    offset = random.choice([0, 4, length - 16])
    before = data(length)
    counter, data_id = random.randrange(2**32), random.randrange(2**32)
    after = bytearray(before)
    header8(after, offset, counter, data_id)
    add("e2e-p08", before, counter, after, dataId=data_id, offset=offset)
print(json.dumps({"madeWith": "autosar-e2e and crccheck (PyPI)", "vectors": vectors}, indent=None, separators=(",", ":")))
