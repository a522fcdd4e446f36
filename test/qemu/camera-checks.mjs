// Our V4L2 capture against the kernel's virtual camera (vivid), inside the guest. An emulated processor draws vivid's test
// picture slowly, so that rates are only bounded.
import assert from 'node:assert/strict';
import { facts } from './facts.mjs';

const stream = (format, count) => `camera_probe stream /dev/video0 ${format} ${count}`;

export const cameraChecks = {
  'YUYV pictures of a virtual camera: whole, in order, stamped by the kernel': async (guest) => {
    const { lines, code } = await guest.run(stream('yuyv', 12));
    assert.equal(code, 0, lines.join('\n'));
    assert.match(lines[0], /^mode fourcc=YUYV width=640 height=360|^mode fourcc=YUYV width=640 height=480/);
    const mode = facts(lines, 'mode');
    const pictures = facts(lines, 'pictures');
    assert.equal(pictures.bytes, mode.width * mode.height * 2);
    assert.equal(pictures.inOrder, 1);
    assert.ok(pictures.oldestMs < 1000, `a picture was ${pictures.oldestMs} ms old`);
    assert.ok(pictures.spanMs > 300, `12 pictures in ${pictures.spanMs} ms are faster than 30 a second`);
  },

  'GREY and NV12: one byte a pixel': async (guest) => {
    for (const format of ['grey', 'nv12']) {
      const { lines, code } = await guest.run(stream(format, 4));
      assert.equal(code, 0, lines.join('\n'));
      const { width, height } = facts(lines, 'mode');
      assert.equal(facts(lines, 'pictures').bytes, width * height, format);
    }
  },

  'auto takes what the camera has; what it has not is refused by name': async (guest) => {
    const auto = await guest.run('camera_probe open /dev/video0 auto');
    assert.equal(auto.code, 0, auto.lines.join('\n'));
    assert.match(auto.lines[0], /^mode fourcc=(GREY|YUYV) /);
    const mjpeg = await guest.run('camera_probe open /dev/video0 mjpeg');
    assert.deepEqual(mjpeg.lines, ['error CAMERA_UNSUPPORTED']);
    const none = await guest.run('camera_probe open /dev/video77 auto');
    assert.deepEqual(none.lines, ['error CAMERA_MISSING']);
  },

  'a camera that another program streams from is busy': async (guest) => {
    const { lines } = await guest.run(
      `${stream('yuyv', 40)} > /tmp/first & sleep 1.5; camera_probe open /dev/video0 yuyv; wait; cat /tmp/first`,
    );
    assert.equal(lines[0], 'error CAMERA_BUSY');
    assert.equal(facts(lines, 'pictures').taken, 40, 'the first one goes on');
  },

  'unplugged, the camera is missed at once, with the reason; plugged in again it streams': async (guest) => {
    const { lines } = await guest.run('camera_probe unplug /dev/video0');
    const { set, seenAfterMs } = facts(lines, 'unplugged');
    assert.equal(set, 0);
    assert.ok(seenAfterMs < 2000, `seen after ${seenAfterMs} ms`);
    assert.match(lines.at(-1), /^reason Expected \/dev\/video0 to stay but/);
    const driver = '/sys/bus/platform/drivers/vivid';
    await guest.run(`echo -n vivid.0 > ${driver}/unbind; echo -n vivid.0 > ${driver}/bind; sleep 0.5`);
    const again = await guest.run(stream('yuyv', 3));
    assert.equal(again.code, 0, again.lines.join('\n'));
  },
};
