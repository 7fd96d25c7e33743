import type { Token } from './lexer'
import { readLiteral } from './literals'
import type { Node, Pipe } from './nodes'
import { PipelineParser } from './pipeline-parser'

export interface ParsedTemplate {
  name: string
  text: string
  main: Node[]
  /** What `define` and `block` named. */
  named: Map<string, Node[]>
}

/** Parses a template. Names of functions are checked here, as Go does. */
export function parseTemplate(
  name: string,
  text: string,
  isFunction: (name: string) => boolean,
): ParsedTemplate {
  const named = new Map<string, Node[]>()
  const parser = new Parser(name, text, isFunction, named)
  return { name, text, main: parser.whole(), named }
}

class Parser extends PipelineParser {
  readonly #named: Map<string, Node[]>
  #rangeDepth = 0

  constructor(name: string, text: string, isFunction: (name: string) => boolean, named: Map<string, Node[]>) {
    super(name, text, isFunction)
    this.#named = named
  }

  whole(): Node[] {
    const { nodes, stop } = this.#nodes()
    if (stop.kind !== 'eof') this.fail(`unexpected {{${stop.text}}}`, stop)
    return nodes
  }

  /** Everything up to an `{{end}}` or `{{else`, or the end of the text. */
  #nodes(): { nodes: Node[]; stop: Token } {
    const nodes: Node[] = []
    for (;;) {
      const token = this.take()
      if (token.kind === 'eof') return { nodes, stop: token }
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', at: token.at, text: token.text })
        continue
      }
      const first = this.peek()
      if (first.kind === 'keyword' && (first.text === 'end' || first.text === 'else')) {
        this.take()
        if (first.text === 'end') this.expect('close', 'end')
        return { nodes, stop: first }
      }
      const node = this.#action()
      if (node) nodes.push(node)
    }
  }

  #action(): Node | undefined {
    const token = this.peek()
    if (token.kind !== 'keyword') {
      return { kind: 'action', at: token.at, pipe: this.pipeline('command', 'close') }
    }
    this.take()
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(token, token.text)
      case 'break':
      case 'continue':
        return this.#jump(token, token.text)
      case 'template':
        return this.#template()
      case 'block':
        return this.#block()
      default:
        return this.#define(token)
    }
  }

  #control(token: Token, kind: 'if' | 'with' | 'range'): Node {
    const outer = this.variables.length
    const pipe = this.pipeline(kind, 'close')
    if (kind === 'range') this.#rangeDepth += 1
    const { nodes: body, stop } = this.#nodes()
    if (kind === 'range') this.#rangeDepth -= 1
    if (stop.kind === 'eof') this.fail('unexpected EOF', stop)
    const otherwise = stop.text === 'else' ? this.#otherwise(kind) : undefined
    this.variables.length = outer
    return { kind, at: token.at, pipe, body, otherwise }
  }

  #otherwise(kind: 'if' | 'with' | 'range'): Node[] {
    const next = this.peek()
    if (next.kind === 'keyword' && next.text === kind && kind !== 'range') {
      this.take()
      return [this.#control(next, kind)]
    }
    this.expect('close', 'else')
    const { nodes, stop } = this.#nodes()
    if (stop.kind === 'eof') this.fail('unexpected EOF', stop)
    if (stop.text === 'else') this.fail('expected end; found {{else}}', stop)
    return nodes
  }

  #jump(token: Token, kind: 'break' | 'continue'): Node {
    this.expect('close', `{{${kind}}}`)
    if (this.#rangeDepth === 0) this.fail(`{{${kind}}} outside {{range}}`, token)
    return { kind, at: token.at }
  }

  #template(): Node {
    const { at } = this.peek()
    const name = this.#templateName('template clause')
    let pipe: Pipe | undefined
    if (this.peek().kind === 'close') this.take()
    else pipe = this.pipeline('template clause', 'close')
    return { kind: 'template', at, name, pipe }
  }

  #block(): Node {
    const { at } = this.peek()
    const name = this.#templateName('block clause')
    const pipe = this.pipeline('block clause', 'close')
    this.#body(name)
    return { kind: 'template', at, name, pipe }
  }

  #define(token: Token): undefined {
    if (token.text !== 'define') this.unexpected(token, 'command')
    const name = this.#templateName('define clause')
    this.expect('close', 'define clause')
    this.#body(name)
  }

  #templateName(context: string): string {
    const token = this.take()
    if (token.kind !== 'string') this.unexpected(token, context)
    return readLiteral(token.kind, token.text) as string
  }

  #body(name: string): void {
    const variables = this.variables
    const depth = this.#rangeDepth
    this.variables = ['$']
    this.#rangeDepth = 0
    const { nodes, stop } = this.#nodes()
    if (stop.kind === 'eof') this.fail('unexpected EOF', stop)
    if (stop.text === 'else') this.fail('unexpected {{else}} in define clause', stop)
    this.variables = variables
    this.#rangeDepth = depth
    this.#named.set(name, nodes)
  }
}
