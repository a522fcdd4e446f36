import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importDrive } from '../hil/import/import-drive.js';
import { openRecording } from '../hil/recording/reader.js';
import { decodeDbcBytes, parseDbc } from '../src/can/dbc-parser.js';
import { temporaryFolder } from './10-support.js';

const folder = temporaryFolder('import-dbc');

function dbc(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function message(id: number, name: string): string {
  return `BO_ ${id} ${name}: 8 ECU\n SG_ Value : 0|16@1+ (0.01,0) [0|300] "km/h" ECU\n`;
}

describe('the DBC inside an imported drive', () => {
  it('holds the messages of the files it imports, so that the recording decodes without them', async () => {
    dbc('base.dbc', `VERSION ""\nBU_: ECU\n${message(256, 'Base')}`);
    const whole = dbc('car.dbc', `VERSION ""\nBU_: ECU\nCM_ "IMPORT base.dbc";\n${message(257, 'Own')}`);
    const log = join(folder, 'drive.log');
    writeFileSync(log, '(1.000000) can0 100#0102030405060708\n(1.020000) can0 101#0102030405060708\n');
    const output = join(folder, 'drive.mcap');
    await importDrive({ can: log, dbc: whole, output });
    const recording = await openRecording(output);
    const embedded = await recording.dbc();
    await recording.close();
    expect(embedded?.name).toBe('car.dbc');
    const { database, problems } = parseDbc(decodeDbcBytes(embedded!.data), 'car.dbc');
    expect(problems).toEqual([]);
    expect(database.messages.map(({ name }) => name).sort()).toEqual(['Base', 'Own']);
  });

  it('is the file itself, byte for byte, when it imports nothing', async () => {
    const text = `VERSION "as it is"\nBU_: ECU\n${message(256, 'Speed')}`;
    const output = join(folder, 'plain.mcap');
    const log = join(folder, 'plain.log');
    writeFileSync(log, '(1.000000) can0 100#0102030405060708\n');
    await importDrive({ can: log, dbc: dbc('plain.dbc', text), output });
    const recording = await openRecording(output);
    const embedded = await recording.dbc();
    await recording.close();
    expect(new TextDecoder().decode(embedded!.data)).toBe(text);
  });
});
