import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startVigil } from './60-support/media.js';
import { canLog, importInputs } from './64-support.js';

let folder: string;
let clean: () => Promise<void>;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  ({ folder, clean } = await importInputs());
});

afterAll(() => clean());

describe('vigil import', () => {
  it('prints a summary as JSON and ends with 0', async () => {
    const output = at('cli.mcap');
    const args = [
      '--can',
      at('drive.log'),
      '--dbc',
      at('car.dbc'),
      '--can-offset',
      '1.5',
      '-o',
      output,
      '--json',
    ];
    const { code, stdout, stderr } = await startVigil(['import', ...args]).end;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      output,
      losses: [],
      durationMs: expect.closeTo(4000.1, 3) as number,
    });
  });

  it('ends with 3 when something was lost, 1 when it fails, 2 when used wrongly', async () => {
    await writeFile(at('bad.log'), `${canLog}\nnonsense\n`);
    const lossy = await startVigil(['import', '--can', at('bad.log'), '-o', at('lossy.mcap')]).end;
    expect(lossy.code).toBe(3);
    expect(lossy.stdout).toContain('lost: CAN log: 1 damaged record left out, first at line 6');
    const again = await startVigil(['import', '--can', at('bad.log'), '-o', at('lossy.mcap')]).end;
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('--force');
    const wrong = await startVigil(['import', '--can', at('bad.log'), '--width', 'wide', '-o', at('x.mcap')])
      .end;
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('Expected a whole number');
  });

  it('says what to install when ffmpeg is missing', async () => {
    await mkdir(at('empty'));
    const env = { ...process.env, PATH: at('empty') };
    const { code, stderr } = await startVigil(['import', '--video', at('video.mp4'), '-o', at('x.mcap')], env)
      .end;
    expect(code).toBe(1);
    expect(stderr).toContain('apt-get install ffmpeg');
  });

  it('shows examples', async () => {
    const { code, stdout } = await startVigil(['import', '--help']).end;
    expect(code).toBe(0);
    expect(stdout).toContain('vigil import --video drive.mp4 --can drive.log --dbc car.dbc -o drive.mcap');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('tidies up after %s and ends with 130', async (signal) => {
    const output = at(`${signal}.mcap`);
    const { child, end } = startVigil(['import', '--video', at('long.mkv'), '-o', output]);
    const partial = `${output}.partial-${child.pid ?? 0}`;
    while (!existsSync(partial)) {
      expect(child.exitCode).toBeNull();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill(signal);
    const { code, stderr } = await end;
    expect(stderr).toContain('was interrupted; nothing is left of it');
    expect(code).toBe(130);
    expect(existsSync(partial)).toBe(false);
    expect(existsSync(output)).toBe(false);
  });
});
