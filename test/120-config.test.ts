import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VigilError } from '../src/runtime/errors.js';
import { signalsDir } from '../src/runtime/paths.js';
import { configChanges } from '../src/service/config/changes.js';
import { configExample } from '../src/service/config/example.js';
import { configJsonSchema } from '../src/service/config/json-schema.js';
import { loadConfig, parseConfig, type ConfigProblem } from '../src/service/config/load.js';

const directory = mkdtempSync(join(tmpdir(), 'vigil-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function problems(text: string): readonly ConfigProblem[] {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof VigilError) return error.details['problems'] as ConfigProblem[];
    throw error;
  }
  return [];
}

/** What an editor's "uncomment" makes of the example. */
const uncommented = configExample()
  .split('\n')
  .slice(2)
  .map((line) => line.replace(/^# /, ''))
  .join('\n');

describe('configuration', () => {
  it('is all defaults where the file is empty', () => {
    const config = parseConfig('');
    expect(config.driver).toEqual({
      policy: ['euroncap-2026'],
      cabin: 'generic-lhd',
      eyeNetwork: 'auto',
      phone: false,
    });
    expect(config.can).toEqual([]);
    expect(config.camera).toBeUndefined();
    expect(config.recorder, 'nothing is stored unless asked for').toBeUndefined();
    expect(config.metrics, 'nothing listens unless asked for').toBeUndefined();
  });

  it('names every wrong key with its line and the nearest right one', () => {
    const text = [
      'camera:',
      '  source: v4l2:/dev/video0',
      '  fsp: 30',
      '  mount: { yaw: 3 }',
      'can:',
      '  - adress: socketcan:can0',
      '    mapping: vigil-demo',
      'colour: red',
    ].join('\n');
    const found = problems(text);
    expect(found).toContainEqual({ key: 'camera.fsp', line: 3, message: 'unknown key; did you mean "fps"?' });
    expect(found).toContainEqual({
      key: 'camera.mount.yaw',
      line: 4,
      message: 'unknown key; did you mean "yawDeg"?',
    });
    expect(found).toContainEqual({
      key: 'can[0].adress',
      line: 6,
      message: 'unknown key; did you mean "address"?',
    });
    expect(found).toContainEqual({ key: 'can[0].address', line: 6, message: 'missing; expected string' });
    const colour = found.find(({ key }) => key === 'colour');
    expect(colour?.line).toBe(8);
    expect(colour?.message).toMatch(/^unknown key; known are vehicle, can, camera/);
  });

  it.each([
    ['camera: { source: webcam }', 'camera.source', /expected v4l2/],
    ['camera: { source: "tcp://h:1", fps: 300 }', 'camera.fps', /60/],
    [
      'camera: { source: "tcp://h:1", seat: { left: 1, right: 0, top: 0, bottom: 1 } }',
      'camera.seat',
      /left </,
    ],
    ['metrics: { address: "http://0.0.0.0:9464" }', 'metrics.address', /loopback/],
    ['assistant: { microphones: [] }', 'assistant.microphones', /1/],
    ['can: 3', 'can', /array/],
  ])('refuses %s', (text, key, message) => {
    const [problem] = problems(text);
    expect(problem.key).toBe(key);
    expect(problem.line).toBe(1);
    expect(problem.message).toMatch(message);
  });

  it('tells where YAML is broken', () => {
    expect(problems('can: [\n')).toMatchObject([{ key: '', line: 2 }]);
  });

  it('counts file names from the folder of the file and leaves names alone', () => {
    const file = join(directory, 'vigil.yaml');
    writeFileSync(
      file,
      'can: [{ address: "socketcan:can0", mapping: vigil-demo, dbc: car.dbc }]\ndriver: { policy: [mine.yaml, eu-addw-2023-2590] }\n',
    );
    const config = loadConfig(file);
    expect(config.can[0]).toMatchObject({ mapping: 'vigil-demo', dbc: join(directory, 'car.dbc') });
    expect(config.driver.policy).toEqual([join(directory, 'mine.yaml'), 'eu-addw-2023-2590']);
  });

  it('says which file it could not read', () => {
    expect(() => loadConfig(join(directory, 'none.yaml'))).toThrow(/none\.yaml/);
  });
});

describe('the shipped example and schema', () => {
  it('are what the code makes', () => {
    expect(readFileSync(join(signalsDir, 'service', 'vigil.yaml'), 'utf8')).toBe(configExample());
    expect(JSON.parse(readFileSync(join(signalsDir, 'service', 'vigil.schema.json'), 'utf8'))).toEqual(
      configJsonSchema(),
    );
  });

  it('reads as all defaults, and uncommented as a whole configuration', () => {
    expect(parseConfig(configExample())).toEqual(parseConfig(''));
    const whole = parseConfig(uncommented);
    const keys = Object.keys((configJsonSchema() as { properties: object }).properties);
    expect(Object.keys(whole).sort()).toEqual(keys.sort());
  });
});

describe('a changed configuration', () => {
  it('is split into what can change while running and what can not', () => {
    const before = parseConfig('driver: { policy: [euroncap-2026] }');
    const after = parseConfig(
      'driver: { policy: [eu-addw-2023-2590], cpu: 1 }\nlog: { level: debug }\ncamera: { source: "unix:/run/c" }',
    );
    expect(configChanges(before, after)).toEqual({
      live: ['driver.policy', 'log.level'],
      afterRestart: ['camera', 'driver.cpu'],
    });
    expect(configChanges(after, after)).toEqual({ live: [], afterRestart: [] });
  });
});
