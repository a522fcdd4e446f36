#!/usr/bin/env python3
"""Reads a recording with another project's MCAP reader and protobuf runtime, and compares it with what we say of it.

    pip install mcap mcap-protobuf-support zstandard
    python check_with_python.py build/demo.mcap > report.json

Everything is decoded from the descriptors inside the file; none of our code or .proto files is used. Prints one JSON
object: per topic the type, count, first and last stamp, a sha256 over stamps and content, and the first of Vigil's
outputs with all its fields. Exits with 1 when the file breaks a rule that our format promises.

test-drive.json is this report on the recording that test/67-recording-peer.test.ts writes; to make it again, set
VIGIL_PEER_PYTHON to a Python that has the packages and VIGIL_UPDATE_GOLDEN=1, and run that test.
"""

import hashlib
import json
import sys

from google.protobuf.json_format import MessageToDict
from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory

NS_PER_MS = 1_000_000


def fail(message):
    print(f"check_with_python: {message}", file=sys.stderr)
    sys.exit(1)


def stamp_ns(timestamp):
    return timestamp.seconds * 1_000_000_000 + timestamp.nanos


def check_jpeg(message):
    if message.format != "jpeg" or message.data[:2] != b"\xff\xd8" or message.data[-2:] != b"\xff\xd9":
        fail(f"a frame is no JPEG: format {message.format!r}")
    return message.data


def check_audio(message):
    if message.format != "pcm-s16" or len(message.data) % (2 * message.number_of_channels) != 0:
        fail(f"a block is no 16-bit sound: format {message.format!r}, {len(message.data)} bytes")
    return message.data


def can_rows(message, log_time):
    """The frames of a batch as (ns, id, flags, channel, payload)."""
    count = len(message.id)
    flags = message.flags or bytes(count)
    channel = message.channel or bytes(count)
    columns = (len(message.time_delta_ns), len(flags), len(channel), len(message.length))
    if columns != (count,) * 4:
        fail(f"columns of {columns} rows for {count} identifiers")
    if sum(message.length) != len(message.data):
        fail("payloads do not fill the data column")
    rows, now, at = [], stamp_ns(message.timestamp), 0
    for i in range(count):
        now += message.time_delta_ns[i]
        rows.append((now, message.id[i], flags[i], channel[i], message.data[at : at + message.length[i]]))
        at += message.length[i]
    stamps = [row[0] for row in rows]
    if max(stamps) != log_time:
        fail(f"a batch lies at {log_time} ns but its last frame at {max(stamps)} ns")
    if max(stamps) - min(stamps) > 50 * NS_PER_MS:
        fail("a batch spans more than 50 ms")
    return rows


def main(path):
    with open(path, "rb") as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()], validate_crcs=True)
        summary = reader.get_summary()
        if summary is None or summary.statistics is None:
            fail("no summary")
        topics, last = {}, 0
        for schema, channel, message, decoded in reader.iter_decoded_messages():
            if message.log_time < last:
                fail("messages are not in order of time")
            last = message.log_time
            topic = topics.setdefault(
                channel.topic,
                {"type": schema.name, "messages": 0, "items": 0, "first_ns": message.log_time, "hash": hashlib.sha256()},
            )
            topic["messages"] += 1
            topic["last_ns"] = message.log_time
            digest = topic["hash"]
            if schema.name == "vigil.CanFrames":
                rows = can_rows(decoded, message.log_time)
                topic["items"] += len(rows)
                for now, identifier, flags, bus, payload in rows:
                    digest.update(f"{now} {identifier} {flags} {bus} {payload.hex()}\n".encode())
                continue
            topic["items"] += 1
            if schema.name == "foxglove.CompressedImage":
                data = check_jpeg(decoded)
                if stamp_ns(decoded.timestamp) != message.log_time:
                    fail("a frame's stamp is not its place in the file")
            elif schema.name == "foxglove.RawAudio":
                data = check_audio(decoded)
            else:
                data = message.data
                topic.setdefault("first", MessageToDict(decoded))
            digest.update(f"{message.log_time} ".encode() + data)
        for topic in topics.values():
            topic["hash"] = topic["hash"].hexdigest()
        report = {
            "header": {"profile": reader.get_header().profile, "library": reader.get_header().library},
            "compressions": sorted({index.compression for index in summary.chunk_indexes}),
            "chunks": len(summary.chunk_indexes),
            "topics": topics,
            "metadata": {record.name: dict(sorted(record.metadata.items())) for record in reader.iter_metadata()},
            "attachments": {
                record.name: {"bytes": len(record.data), "sha256": hashlib.sha256(record.data).hexdigest()}
                for record in reader.iter_attachments()
            },
        }
        if summary.statistics.message_count != sum(topic["messages"] for topic in topics.values()):
            fail("the statistics count other messages than there are")
        json.dump(report, sys.stdout, indent=1, sort_keys=True)
        print()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1])
