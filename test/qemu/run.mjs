// Boots the guest, or resumes it, and runs every check: run.mjs FOLDER. Exit code 1 when one failed.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checks } from './checks.mjs';
import { Guest } from './guest.mjs';

const folder = process.argv[2];
const at = (name) => join(folder, name);
const say = (line) => process.stdout.write(`${line}\n`);

/** A snapshot fits the image, the machine and the QEMU it was made with, and no other. */
const wanted = createHash('sha256')
  .update(readFileSync(at('initrd.zst')))
  .update(realpathSync(at('vmlinux')))
  .update(readFileSync(new URL('./guest.mjs', import.meta.url)))
  .update(execFileSync('qemu-system-x86_64', ['--version']))
  .digest('hex');
const stamp = at('snapshot.sha256');
const resume =
  existsSync(at('snapshot.qcow2')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;

const began = Date.now();
const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1);
if (!resume) execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', at('snapshot.qcow2'), '512M']);
const guest = new Guest(folder);
let failed = 0;
try {
  await guest.start(resume);
  say(`  ${resume ? 'resumed' : 'booted'} in ${seconds(began)} s`);
  if (!resume) {
    await guest.save();
    writeFileSync(stamp, wanted);
  }
  for (const [name, check] of Object.entries(checks)) {
    const start = Date.now();
    try {
      await guest.restore();
      await check(guest);
      say(`  ✓ ${name} (${seconds(start)} s)`);
    } catch (error) {
      failed += 1;
      say(`  ✗ ${name} (${seconds(start)} s)\n${String(error.message).replaceAll(/^/gm, '      ')}`);
    }
  }
} finally {
  await guest.stop();
}
say(
  `  ${Object.keys(checks).length - failed} of ${Object.keys(checks).length} checks in ${seconds(began)} s`,
);
process.exitCode = failed === 0 ? 0 : 1;
