// The closing line of `./run test`, counted by the two test runners themselves: doctest's summary and vitest's JSON
// report. A runner that ended badly without counting a failure (a crash, a file that did not load) counts as one.
// Usage: node test/tally.mjs DOCTEST_OUTPUT DOCTEST_STATUS VITEST_JSON VITEST_STATUS
import { existsSync, readFileSync } from 'node:fs';

const [doctestOutput, doctestStatus, vitestJson, vitestStatus] = process.argv.slice(2);

function doctest(file) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const counts = /test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/.exec(text);
  return counts ? { passed: Number(counts[1]), failed: Number(counts[2]) } : { passed: 0, failed: 0 };
}

function vitest(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((r) => r.status === 'failed'));
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
}

let passed = 0;
let failed = 0;
for (const [counts, status] of [
  [doctest(doctestOutput), doctestStatus],
  [vitest(vitestJson), vitestStatus],
]) {
  passed += counts.passed;
  failed += status !== '0' ? Math.max(1, counts.failed) : counts.failed;
  // A runner that claims success over no test at all has not run.
  if (counts.passed + counts.failed === 0 && status === '0') failed += 1;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
