import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onnxRuntimeLibrary } from '../src/runtime/native.js';

// Nothing leaves the car. Later releases of onnxruntime-node link an uploader of usage data; the one in use must not.

const require = createRequire(import.meta.url);
const packageFile = require.resolve('onnxruntime-node/package.json');
const library = onnxRuntimeLibrary();
const binding = join(dirname(library), 'onnxruntime_binding.node');

/** What the uploader in 1.30.0 was seen to leave in the library: its collector, its client, its HTTP library. */
const signs = [
  'events.data.microsoft.com',
  'OneCollector',
  'Microsoft::Applications::Events',
  'CsProtocol',
  'curl.se',
];

/** A library needs one of these to find a host. */
const networkFunctions = ['getaddrinfo', 'gethostbyname', 'res_query'];

/** Hosts of papers and documentation in error texts of 1.27.0, each looked at: none is ever contacted. */
const cited = new Set(
  `arxiv.org crbug.com dawn.googlesource.com devblogs.nvidia.com docs.nvidia.com docs.scipy.org en.wikipedia.org
  github.com gpuweb.github.io huggingface.co ieeexplore.ieee.org issues.chromium.org numpy.org papers.nips.cc
  pytorch.org source.chromium.org tinyurl.com www.microsoft.com www.opencompute.org www.tensorflow.org`.split(
    /\s+/,
  ),
);

/** Printable runs of at least `length` characters, as `strings` prints them. */
function stringsOf(file: string, length = 6): string[] {
  return readFileSync(file, 'latin1').match(new RegExp(`[\\x20-\\x7e]{${length},}`, 'g')) ?? [];
}

describe.each([
  ['libonnxruntime.so.1', library],
  ['onnxruntime_binding.node', binding],
])('%s', (_name, file) => {
  const text = stringsOf(file).join('\n').toLowerCase();

  it('was read', () => {
    expect(text.length).toBeGreaterThan(10_000);
  });

  it.each(signs)('does not hold %s', (sign) => {
    expect(text).not.toContain(sign.toLowerCase());
  });

  it.each(networkFunctions)('does not call %s', (name) => {
    expect(text.split('\n')).not.toContain(name.toLowerCase());
  });

  it('names no host but those that its messages and comments cite', () => {
    const hosts = new Set([...text.matchAll(/https?:\/\/([a-z0-9.-]+)/g)].map((match) => match[1]));
    expect([...hosts].filter((host) => !cited.has(host))).toEqual([]);
  });
});

it('onnxruntime-node is exactly 1.27.0', () => {
  const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
  expect(version).toBe('1.27.0');
  const ours = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
    allowScripts: Record<string, boolean>;
  };
  expect(ours.dependencies['onnxruntime-node']).toBe('1.27.0');
  expect(ours.allowScripts['onnxruntime-node']).toBe(false);
});
