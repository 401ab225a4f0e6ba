import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Counts the tests of a run into the file that `npm test` names, and lists what was skipped or tried twice. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped: string[] = [];
    const triedTwice: string[] = [];
    for (const module of modules) {
      // A file that could not be loaded, or whose suite broke outside a test, is one failure.
      totals.failed += module.errors().length;
      for (const suite of module.children.allSuites()) totals.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        const { state } = result;
        if (state === 'passed' && (test.diagnostic()?.retryCount ?? 0) > 0)
          triedTwice.push(`${module.relativeModuleId} > ${test.fullName}`);
        if (state === 'passed') totals.passed++;
        else if (state === 'failed') totals.failed++;
        else {
          totals.skipped++;
          const reason = 'note' in result && result.note ? ` (${result.note})` : '';
          skipped.push(`${module.relativeModuleId} > ${test.fullName}${reason}`);
        }
      }
    }
    for (const name of skipped) console.log(`skipped: ${name}`);
    for (const name of triedTwice) console.log(`tried twice: ${name}`);
    const file = process.env['VITEST_TOTALS_FILE'];
    if (file) writeFileSync(file, JSON.stringify(totals));
  }
}
