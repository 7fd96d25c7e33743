import { TspodError } from '../../errors'

/** What is wrong with a template, or with what it asks of its data, in Go's words. */
export class TemplateError extends TspodError {
  constructor(message: string) {
    super('usage', message)
  }
}

/** A problem inside a function of a template; the evaluator adds where it happened. */
export class CallError extends Error {}
