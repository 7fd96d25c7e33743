import { describe, expect, it } from 'vitest'
import { BareError, errorLines } from '../../../src/cli/report-error'
import { ManyErrors, TspodError } from '../../../src/errors'

describe('errorLines', () => {
  it('prints one line, with what can be done', () => {
    expect(errorLines(new TspodError('in-use', 'port 80 is taken'))).toEqual(['Error: port 80 is taken'])
    expect(errorLines(new TspodError('in-use', 'port 80 is taken', { hint: 'choose another' }))).toEqual([
      'Error: port 80 is taken; choose another',
    ])
  })

  it('prints one line for each of several', () => {
    const errors = [new TspodError('not-found', 'no pod a'), new TspodError('not-found', 'no pod b')]
    expect(errorLines(new ManyErrors(errors))).toEqual(['Error: no pod a', 'Error: no pod b'])
  })

  it('prints what Podman prints without `Error: `', () => {
    expect(errorLines(new BareError('usage', 'Log Level "x" is not supported'))).toEqual([
      'Log Level "x" is not supported',
    ])
  })
})
