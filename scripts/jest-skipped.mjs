/** Jest reporter: says at the end which suites were skipped for want of servers; under REQUIRE_STACK=1 any skip fails the run. */
const MARK = / \[skipped: (.+) not set\]$/; // written by describeStack in test/support/stack.ts

export default class SkippedReporter {
  #filtered;
  #error;

  constructor(globalConfig) {
    this.#filtered = Boolean(globalConfig.testNamePattern);
  }

  onRunComplete(_contexts, results) {
    const suites = new Map();
    let others = 0;
    for (const test of results.testResults.flatMap((file) => file.testResults)) {
      if (test.status !== 'pending') continue;
      const title = test.ancestorTitles.find((ancestor) => MARK.test(ancestor));
      if (title === undefined) others += 1;
      else suites.set(title, (suites.get(title) ?? 0) + 1);
    }
    if (process.env.REQUIRE_STACK === '1' && !this.#filtered && suites.size + others > 0) {
      this.#error = new Error(`REQUIRE_STACK=1, but ${results.numPendingTests} tests were skipped`);
      process.stderr.write(`\n${this.#error.message}\n`);
    }
    if (suites.size === 0) return;
    const lines = [...suites].map(([title, count]) => {
      const missing = MARK.exec(title)[1];
      return `  ${title.replace(MARK, '')}: ${count} tests, because ${missing} is not set`;
    });
    process.stderr.write(
      `\nSkipped, as the servers that they need are not there:\n${lines.join('\n')}\n` +
        'To run them: npm run stack -- up && eval "$(npm run --silent stack -- env)" && npm test\n',
    );
  }

  getLastError() {
    return this.#error;
  }
}
