import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Lists what was skipped and why, fails a run as root in CI that skipped integration tests, and ends with a plain line. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]) {
    const cases = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => cases.filter((test) => test.result().state === state).length
    const skipped = cases.filter((test) => test.result().state === 'skipped')
    for (const test of skipped) {
      const { note } = test.result() as { note?: string }
      if (note) console.log(`skipped: ${test.fullName}: ${note}`)
    }

    const brokenFiles = modules.filter(
      (module) => module.state() === 'failed' && !hasFailedTest(module),
    ).length
    const barred = barredSkips(skipped)
    if (barred > 0) {
      console.log(`${barred} integration tests were skipped as root in CI, where nothing may be`)
      process.exitCode = 1
    }
    const failed = count('failed') + brokenFiles + errors.length + barred
    const rest = skipped.length - barred
    console.log(`${count('passed')} passed, ${failed} failed${rest > 0 ? `, ${rest} skipped` : ''}`)
  }
}

const hasFailedTest = (module: TestModule): boolean =>
  [...module.children.allTests()].some((test) => test.result().state === 'failed')

function barredSkips(skipped: TestCase[]): number {
  const asRoot = process.getuid?.() === 0
  if (!asRoot || !process.env.CI) return 0
  return skipped.filter((test) => test.project.name === 'integration').length
}
