import { TemplateError } from './errors'
import { Evaluation } from './evaluate'
import { defaultFunctions, type Functions } from './functions'
import { type ParsedTemplate, parseTemplate } from './parser'

export { asMap, asStruct, nilMap, nilSlice } from './values'
export { TemplateError }

/** A Go template (text/template) with Podman's functions. Parsing throws TemplateError. */
export class Template {
  readonly #parsed: ParsedTemplate
  readonly #functions: Functions

  constructor(name: string, text: string, functions: Functions = {}) {
    this.#functions = { ...defaultFunctions, ...functions }
    const known = (word: string) => word === 'and' || word === 'or' || Object.hasOwn(this.#functions, word)
    this.#parsed = parseTemplate(name, text, known)
  }

  /** The text the template makes of the data. Throws TemplateError where it asks for what is not there. */
  execute(data: unknown): string {
    return new Evaluation(this.#parsed, this.#functions).run(data)
  }
}
