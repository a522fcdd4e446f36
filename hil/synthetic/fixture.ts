/**
 * Makes the recording that tests replay, test/fixtures/face/drive.mcap, and its truth table, drive.json.
 *
 *   node dist/hil/synthetic/fixture.js [folder]
 *
 * The committed files are the fixture: JPEG bytes depend on the ffmpeg version, so a run elsewhere gives the same
 * pictures in other bytes. Make it again only when the face or the script changes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { loadDbc } from '../../src/can/dbc-parser.js';
import { modelsDir, signalsDir } from '../../src/runtime/paths.js';
import { RecordingWriter } from '../recording/writer.js';
import { readCanonicalMesh } from './canonical-mesh.js';
import { cruiseFrames } from './cruise.js';
import { frameTime, microsleepScript, poseAt } from './drive-script.js';
import { fixtureFolder, fixtureTruth } from './fixture-truth.js';
import { encodeJpegs } from './jpeg-encoder.js';
import { FaceRenderer } from './renderer.js';

const jpegQuality = 4;

async function makeFixture(folder: string): Promise<void> {
  const script = microsleepScript;
  const truth = fixtureTruth();
  const size = { width: truth.width, height: truth.height };
  const renderer = new FaceRenderer(readCanonicalMesh(join(modelsDir, 'canonical_face_mesh.json')), size);
  const images = Array.from({ length: script.frameCount }, (_, frame) =>
    renderer.render(poseAt(script, frame)),
  );
  const jpegs = encodeJpegs(images, jpegQuality);
  const dbcPath = join(signalsDir, 'dbc', 'vigil-demo.dbc');
  const { database } = loadDbc(dbcPath);
  const durationMs = frameTime(script, script.frameCount);

  mkdirSync(folder, { recursive: true });
  const writer = await RecordingWriter.create(
    join(folder, 'drive.mcap'),
    {
      vehicle: 'vigil-demo',
      mapping: 'vigil-demo',
      dbc: { name: basename(dbcPath), data: readFileSync(dbcPath) },
      camera: {
        mount: { positionM: null, yawDeg: 0, pitchDeg: 0, mirrored: false },
        nominalFps: script.framesPerSecond,
        ...size,
      },
      origin: 'synthetic driver (hil/synthetic), microsleepScript, constant speed',
    },
    { overwrite: true },
  );
  await writer.addCan(cruiseFrames(database, truth.speedKmh, durationMs));
  for (const [frame, data] of jpegs.entries())
    await writer.addCamera({ t: frameTime(script, frame), sequence: frame, format: 'jpeg', data });
  await writer.close();
  writeFileSync(join(folder, 'drive.json'), `${JSON.stringify(truth, null, 2)}\n`);
}

await makeFixture(process.argv[2] ?? fixtureFolder);
