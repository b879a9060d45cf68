// Prints results in the format of `cargo test`, in which `cargo xtask test`
// counts them. A test that was skipped counts as failed.

export default class CargoReporter {
  passed = 0;
  failed = 0;

  printsToStdio() {
    return true;
  }

  onBegin(config, suite) {
    this.suite = suite;
  }

  // An error outside of any test.
  onError() {
    this.failed += 1;
  }

  onEnd() {
    for (const test of this.suite?.allTests() ?? []) {
      if (test.outcome() === 'expected') {
        this.passed += 1;
      } else {
        this.failed += 1;
        console.log(`test ${test.titlePath().filter(Boolean).join(' > ')} ... FAILED`);
      }
    }
    const word = this.failed > 0 ? 'FAILED' : 'ok';
    console.log(`test result: ${word}. ${this.passed} passed; ${this.failed} failed`);
  }
}
