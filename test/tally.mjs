// The closing line of `./run test`: what the two test runners themselves counted (doctest's summary, vitest's JSON
// report). A failed lint check counts as one failure, and so does a runner that ended badly without counting any (a
// crash, a file that did not load) or that claims success over no test at all.
// Usage: node test/tally.mjs DOCTEST_OUTPUT DOCTEST_STATUS VITEST_JSON VITEST_STATUS FAILED_LINT_CHECKS
import { existsSync, readFileSync } from 'node:fs';

const [doctestOutput, doctestStatus, vitestJson, vitestStatus, failedLintChecks] = process.argv.slice(2);

function doctest(file) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const counts = /test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/.exec(text);
  return counts ? { passed: Number(counts[1]), failed: Number(counts[2]) } : { passed: 0, failed: 0 };
}

function vitest(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const failedInside = ({ assertionResults }) => assertionResults.some(({ status }) => status === 'failed');
  const failedToLoad = testResults.filter((file) => file.status === 'failed' && !failedInside(file));
  return { passed: numPassedTests, failed: numFailedTests + failedToLoad.length };
}

let passed = 0;
let failed = Number(failedLintChecks);
for (const [counts, status] of [
  [doctest(doctestOutput), doctestStatus],
  [vitest(vitestJson), vitestStatus],
]) {
  passed += counts.passed;
  const endedBadly = status !== '0' || counts.passed + counts.failed === 0;
  failed += endedBadly ? Math.max(1, counts.failed) : counts.failed;
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
