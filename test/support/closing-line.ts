/**
 * Ends the output with one line, `12 passed, 0 failed, 1 skipped`. Whatever makes the run fail counts: a file
 * that does not load, a hook, an unhandled error, and at the least the exit code.
 */
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

export class ClosingLine implements Reporter {
  private passed = 0;
  private failed = 0;
  private skipped = 0;

  onInit(): void {
    process.once('exit', (code) => {
      const failed = code === 0 ? this.failed : Math.max(this.failed, 1);
      const skipped = this.skipped === 0 ? '' : `, ${this.skipped} skipped`;
      process.stdout.write(`\n${this.passed} passed, ${failed} failed${skipped}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const groups = modules.flatMap((module) => [module, ...module.children.allSuites()]);
    this.passed = count('passed');
    this.failed =
      count('failed') + groups.filter((group) => group.errors().length > 0).length + unhandled.length;
    this.skipped = tests.length - count('passed') - count('failed');
  }
}
