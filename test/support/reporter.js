/**
 * mocha's reporter for this project: a dot per test, the failures in full, and why tests were skipped.
 * Writes its counts as JSON to the file that TEST_COUNTS_FILE names, which is how `.ci/run` adds them up.
 */
import { writeFileSync } from 'node:fs';
import mocha from 'mocha';

const { Dot } = mocha.reporters;
const { EVENT_RUN_END, EVENT_TEST_PENDING } = mocha.Runner.constants;

export default class CountingReporter extends Dot {
  constructor(runner, options) {
    super(runner, options);
    const skipped = [];
    runner.on(EVENT_TEST_PENDING, (test) => skipped.push(test.fullTitle()));
    runner.once(EVENT_RUN_END, () => {
      for (const title of skipped) console.log(`  skipped: ${title}`);
      const { passes, failures, pending } = runner.stats;
      const countsFile = process.env.TEST_COUNTS_FILE;
      if (countsFile) writeFileSync(countsFile, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
}
