"""python-can as the other end: python_can_peer.py INTERFACE CHANNEL [HOST PORT]

Waits for frames until identifier 0x7FF comes, prints each as a JSON line, then sends its own three and ends.
"""

import json
import sys

import can


def main():
    interface, channel = sys.argv[1], sys.argv[2]
    options = {"host": sys.argv[3], "port": int(sys.argv[4])} if len(sys.argv) > 3 else {"sleep_after_open": 0.1}
    with can.Bus(interface=interface, channel=channel, **options) as bus:
        bus.send(can.Message(arbitration_id=0x700, data=[], is_extended_id=False))
        while True:
            message = bus.recv(10)
            if message is None:
                raise SystemExit("nothing came for 10 s")
            print(
                json.dumps(
                    {
                        "id": message.arbitration_id,
                        "extended": message.is_extended_id,
                        "remote": message.is_remote_frame,
                        "fd": message.is_fd,
                        "data": bytes(message.data).hex(),
                    }
                ),
                flush=True,
            )
            if message.arbitration_id == 0x7FF:
                break
        bus.send(can.Message(arbitration_id=0x321, data=[0xBE, 0xEF], is_extended_id=False))
        bus.send(can.Message(arbitration_id=0x18DAF110, data=list(range(8)), is_extended_id=True))
        bus.send(can.Message(arbitration_id=0x001, data=[], is_extended_id=False))


main()
