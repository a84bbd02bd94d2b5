import type { FullConfig, Reporter, Suite, TestCase, TestResult } from "@playwright/test/reporter";

/** How it went in one plain line at the end. */
export default class ClosingLine implements Reporter {
  private passed = 0;
  private failed = 0;
  private skipped = 0;

  onBegin(_config: FullConfig, _suite: Suite): void {
    this.passed = this.failed = this.skipped = 0;
  }

  onTestEnd(_test: TestCase, { status }: TestResult): void {
    if (status === "passed") this.passed += 1;
    else if (status === "skipped") this.skipped += 1;
    else this.failed += 1;
  }

  onEnd(): void {
    console.log(`${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`);
  }
}
