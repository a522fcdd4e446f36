// Our reader and sender against can-utils and the kernel's drivers, inside the guest. Each check starts from the
// snapshot: can0 and can1 are two SJA1000 controllers on one bus, vcan0 a virtual one that carries CAN FD.
import assert from 'node:assert/strict';
import { cameraChecks } from './camera-checks.mjs';
import { facts } from './facts.mjs';

const framesIn = (lines) =>
  lines.filter((line) => line.startsWith('frame ')).map((line) => line.slice('frame '.length));
const statesIn = (lines) => lines.filter((line) => line.startsWith('state '));

/** Starts the reader for so long, then the commands, and waits for all. */
const whileReading = (what, commands) => `can_probe ${what} & sleep 0.4; ${commands}; wait`;

export const checks = {
  ...cameraChecks,

  'standard, extended, remote and FD frames from cansend, stamped by the kernel': async (guest) => {
    const sent = ['123#DEADBEEF', '18DAF110#0102030405060708', '7FF#', '321#R4', '456##311223344'];
    const { lines } = await guest.run(
      whileReading('read vcan0 1500', sent.map((frame) => `cansend vcan0 ${frame}`).join('; ')),
    );
    assert.deepEqual(framesIn(lines), sent);
    const counters = facts(lines, 'counters');
    assert.equal(counters.software, sent.length);
    assert.equal(counters.kernelDropped, 0);
    assert.equal(facts(lines, 'stamps').inOrder, 1);
  },

  'an FD frame of 64 bytes, and what the cyclic sender sends, as candump reads it': async (guest) => {
    const payload = Array.from({ length: 64 }, (_, i) => i.toString(16).toUpperCase().padStart(2, '0')).join(
      '',
    );
    const read = await guest.run(whileReading('read vcan0 1200', `cansend vcan0 100##0${payload}`));
    assert.deepEqual(framesIn(read.lines), [`100##0${payload}`]);
    const { lines } = await guest.run(
      'candump -L -n 20 vcan0 & sleep 0.3; can_probe cyclic vcan0 20 20; wait',
    );
    assert.deepEqual(
      lines.filter((line) => line.startsWith('(')).map((line) => line.split(' ')[2]),
      Array.from({ length: 20 }, (_, i) => `321#0${i % 8}AA`),
    );
    const stamps = lines.filter((line) => line.startsWith('(')).map((line) => Number(line.slice(1, 18)));
    const spanMs = (stamps.at(-1) - stamps[0]) * 1000;
    // 19 periods; an emulated processor is late now and then, and lateness must not add up.
    assert.ok(spanMs > 330 && spanMs < 480, `19 periods of 20 ms took ${spanMs} ms`);
    assert.equal(facts(lines, 'cyclic').sent, 20);
  },

  'filters in the kernel, exact in identifier and kind': async (guest) => {
    const sent = ['123#01', '124#02', '00000123#03', '18DAF110#04', '123#R1', '18DAF111#05', '123##006'];
    const { lines } = await guest.run(
      whileReading('read vcan0 1500 123 98DAF110', sent.map((frame) => `cansend vcan0 ${frame}`).join('; ')),
    );
    assert.deepEqual(framesIn(lines), ['123#01', '18DAF110#04', '123#R1', '123##006']);
    // None of the others reached the process.
    assert.equal(facts(lines, 'counters').filtered, 0);
  },

  '2000 frames of cangen without a loss': async (guest) => {
    const { lines } = await guest.run(whileReading('count vcan0 3500', 'cangen vcan0 -g 0 -n 2000 -m'));
    const counters = facts(lines, 'counters');
    assert.equal(counters.received, 2000);
    assert.equal(counters.dropped + counters.kernelDropped, 0);
    assert.ok(counters.reads < 1500, `${counters.reads} reads for 2000 frames`);
  },

  'frames lost in a small buffer are counted, each one': async (guest) => {
    // The reader sleeps half a second between reads; 4 kB hold a handful of frames.
    const { lines } = await guest.run(
      `CAN_PROBE_BUFFER=4096 CAN_PROBE_DRAIN_MS=500 can_probe count vcan0 4000 & sleep 0.5; ` +
        'cangen vcan0 -g 0 -n 1000; sleep 1.2; cansend vcan0 123#; wait',
    );
    const { received, kernelDropped } = facts(lines, 'counters');
    assert.ok(kernelDropped > 500, `${kernelDropped} frames lost`);
    assert.equal(received + kernelDropped, 1001);
  },

  'an interface that goes down and comes back, without a restart': async (guest) => {
    const { lines } = await guest.run(
      whileReading(
        'read vcan0 3500',
        'cansend vcan0 101#; sleep 0.1; ip-full link set vcan0 down; sleep 0.6; ip-full link set vcan0 up; ' +
          'sleep 0.6; cansend vcan0 102#',
      ),
    );
    assert.deepEqual(framesIn(lines), ['101#', '102#']);
    const counters = facts(lines, 'counters');
    assert.equal(counters.linkDowns, 1);
    assert.equal(counters.reopened, 0);
    assert.equal(statesIn(lines)[0], 'state link=1 controller=0 silent=0');
    assert.match(statesIn(lines)[1], /^state link=0 /);
  },

  'an interface that is removed and made anew, without a restart': async (guest) => {
    const { lines } = await guest.run(
      whileReading(
        'read vcan0 4000',
        'cansend vcan0 101#; sleep 0.1; ip-full link del vcan0; sleep 0.6; ip-full link add vcan0 type vcan; ' +
          'ip-full link set vcan0 up; sleep 0.6; cansend vcan0 102#',
      ),
    );
    assert.deepEqual(framesIn(lines), ['101#', '102#']);
    const counters = facts(lines, 'counters');
    assert.equal(counters.linkDowns, 1);
    assert.ok(counters.reopened >= 1);
    assert.ok(statesIn(lines).includes('state link=2 controller=0 silent=0'), statesIn(lines).join('; '));
  },

  'error frames: passive, bus-off, restarted': async (guest) => {
    // QEMU's controllers make no errors; the kernel hands on error frames that are sent to a virtual bus.
    const { lines } = await guest.run(
      whileReading(
        'read vcan0 2000 123',
        'cansend vcan0 20000004#0030000000000000; sleep 0.1; cansend vcan0 20000040#0000000000000000; sleep 0.1; ' +
          'cansend vcan0 20000100#0000000000000000',
      ),
    );
    assert.deepEqual(statesIn(lines).slice(0, 3), [
      'state link=0 controller=2 silent=0',
      'state link=0 controller=3 silent=0',
      'state link=0 controller=0 silent=0',
    ]);
    const counters = facts(lines, 'counters');
    assert.equal(counters.errors, 3);
    assert.equal(counters.busOffs, 1);
  },

  'two SJA1000 controllers on one bus, kvaser_pci driver': async (guest) => {
    const sent = ['123#DEADBEEF', '18DAF110#0102030405060708', '321#R4'];
    const { lines } = await guest.run(
      whileReading('read can1 1500', sent.map((frame) => `cansend can0 ${frame}`).join('; ')),
    );
    assert.deepEqual(framesIn(lines), sent);
    const back = await guest.run('candump -L -n 3 can0 & sleep 0.3; can_probe cyclic can1 20 3; wait');
    assert.equal(back.lines.filter((line) => line.includes('321#')).length, 3);
  },

  'a flood is sent as far as the controller takes it': async (guest) => {
    const { lines } = await guest.run(whileReading('count can1 3000', 'can_probe flood can0 2000'));
    const flood = facts(lines, 'flood');
    assert.equal(flood.sent + flood.full, 2000);
    assert.equal(flood.other, 0);
    // What the first controller's queue took may overrun the second one's; nothing appears twice.
    assert.ok(facts(lines, 'counters').received <= flood.sent);
  },

  'a silent bus is seen within its time': async (guest) => {
    const { lines } = await guest.run('can_probe read vcan0 1600');
    assert.deepEqual(statesIn(lines), ['state link=0 controller=0 silent=1']);
  },

  'an interface that is not there has an error of its own': async (guest) => {
    const { lines, code } = await guest.run('can_probe read can9 10');
    assert.equal(code, 1);
    assert.match(lines[0], /^error CAN_INTERFACE_MISSING /);
  },
};
