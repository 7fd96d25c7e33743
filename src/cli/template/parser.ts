import { quote } from '../go-quote'
import { TemplateError } from './errors'
import { Lexer, type Token, type TokenKind } from './lexer'
import { readLiteral } from './literals'
import type { Command, Node, Operand, Pipe } from './nodes'

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

class Parser {
  readonly #tokens: Token[]
  #next = 0
  #rangeDepth = 0
  #variables: string[] = ['$']

  constructor(
    private readonly name: string,
    private readonly text: string,
    private readonly isFunction: (name: string) => boolean,
    private readonly named: Map<string, Node[]>,
  ) {
    this.#tokens = new Lexer(name, text).tokens()
  }

  whole(): Node[] {
    const { nodes, stop } = this.#nodes()
    if (stop.kind !== 'eof') this.#fail(`unexpected {{${stop.text}}}`, stop)
    return nodes
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token
  }

  #take(): Token {
    return this.#tokens[this.#next++] as Token
  }

  #fail(message: string, token: Token): never {
    const line = this.text.slice(0, token.at).split('\n').length
    throw new TemplateError(`template: ${this.name}:${line}: ${message}`)
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind === 'eof') this.#fail('unexpected EOF', token)
    const shown = token.kind === 'keyword' ? `<${token.text}>` : quote(token.text)
    this.#fail(`unexpected ${shown} in ${context}`, token)
  }

  #expect(kind: TokenKind, context: string): Token {
    const token = this.#take()
    if (token.kind !== kind) this.#unexpected(token, context)
    return token
  }

  /** Everything up to an `{{end}}` or `{{else`, or the end of the text. */
  #nodes(): { nodes: Node[]; stop: Token } {
    const nodes: Node[] = []
    for (;;) {
      const token = this.#take()
      if (token.kind === 'eof') return { nodes, stop: token }
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', at: token.at, text: token.text })
        continue
      }
      const first = this.#peek()
      if (first.kind === 'keyword' && (first.text === 'end' || first.text === 'else')) {
        this.#next += 1
        if (first.text === 'end') this.#expect('close', 'end')
        return { nodes, stop: first }
      }
      const node = this.#action()
      if (node) nodes.push(node)
    }
  }

  #action(): Node | undefined {
    const token = this.#peek()
    if (token.kind !== 'keyword') {
      return { kind: 'action', at: token.at, pipe: this.#pipeline('command', 'close') }
    }
    this.#next += 1
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(token, token.text)
      case 'break':
      case 'continue':
        return this.#jump(token, token.text)
      case 'template':
        return this.#template(token)
      case 'block':
        return this.#block(token)
      default:
        return this.#define(token)
    }
  }

  #control(token: Token, kind: 'if' | 'with' | 'range'): Node {
    const outer = this.#variables.length
    const pipe = this.#pipeline(kind, 'close')
    if (kind === 'range') this.#rangeDepth += 1
    const { nodes: body, stop } = this.#nodes()
    if (kind === 'range') this.#rangeDepth -= 1
    if (stop.kind === 'eof') this.#fail('unexpected EOF', stop)
    const otherwise = stop.text === 'else' ? this.#otherwise(kind) : undefined
    this.#variables.length = outer
    return { kind, at: token.at, pipe, body, otherwise }
  }

  #otherwise(kind: 'if' | 'with' | 'range'): Node[] {
    const next = this.#peek()
    if (next.kind === 'keyword' && next.text === kind && kind !== 'range') {
      this.#next += 1
      return [this.#control(next, kind)]
    }
    this.#expect('close', 'else')
    const { nodes, stop } = this.#nodes()
    if (stop.kind === 'eof') this.#fail('unexpected EOF', stop)
    if (stop.text === 'else') this.#fail('expected end; found {{else}}', stop)
    return nodes
  }

  #jump(token: Token, kind: 'break' | 'continue'): Node {
    this.#expect('close', `{{${kind}}}`)
    if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`, token)
    return { kind, at: token.at }
  }

  #template(token: Token): Node {
    const name = this.#templateName('template clause')
    let pipe: Pipe | undefined
    if (this.#peek().kind === 'close') this.#next += 1
    else pipe = this.#pipeline('template clause', 'close')
    return { kind: 'template', at: token.at, name, pipe }
  }

  #block(token: Token): Node {
    const name = this.#templateName('block clause')
    const pipe = this.#pipeline('block clause', 'close')
    this.#body(name)
    return { kind: 'template', at: token.at, name, pipe }
  }

  #define(token: Token): undefined {
    if (token.text !== 'define') this.#unexpected(token, 'command')
    const name = this.#templateName('define clause')
    this.#expect('close', 'define clause')
    this.#body(name)
  }

  #templateName(context: string): string {
    const token = this.#take()
    if (token.kind !== 'string') this.#unexpected(token, context)
    return readLiteral(token.kind, token.text) as string
  }

  #body(name: string): void {
    const variables = this.#variables
    const depth = this.#rangeDepth
    this.#variables = ['$']
    this.#rangeDepth = 0
    const { nodes, stop } = this.#nodes()
    if (stop.kind === 'eof') this.#fail('unexpected EOF', stop)
    if (stop.text === 'else') this.#fail('unexpected {{else}} in define clause', stop)
    this.#variables = variables
    this.#rangeDepth = depth
    this.named.set(name, nodes)
  }

  #pipeline(context: string, end: 'close' | ')'): Pipe {
    const at = this.#peek().at
    const { variables, assigns } = this.#declarations(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.#peek()
      if (end === 'close' ? token.kind === 'close' : token.text === ')' && token.kind === 'symbol') {
        this.#next += 1
        this.#check(commands, context, token)
        return { kind: 'pipe', at, variables, assigns, commands }
      }
      commands.push(this.#command(context, token))
    }
  }

  #check(commands: Command[], context: string, token: Token): void {
    if (commands.length === 0) this.#fail(`missing value for ${context}`, token)
    commands.slice(1).forEach((command, index) => {
      const kind = command.args[0]?.kind
      if (kind === 'literal' || kind === 'nil' || kind === 'dot') {
        this.#fail(`non executable command in pipeline stage ${index + 2}`, token)
      }
    })
  }

  #declarations(context: string): { variables: string[]; assigns: boolean } {
    const start = this.#next
    const variables: string[] = []
    while (this.#peek().kind === 'variable') {
      variables.push(this.#take().text)
      const token = this.#take()
      if (token.text === ',' && context === 'range' && variables.length < 2) continue
      if (token.text === ',') this.#fail(`too many declarations in ${context}`, token)
      if (token.kind !== 'symbol' || (token.text !== ':=' && token.text !== '=')) break
      if (token.text === ':=') this.#variables.push(...variables)
      else for (const name of variables) this.#known(name, token)
      return { variables, assigns: token.text === '=' }
    }
    this.#next = start
    return { variables: [], assigns: false }
  }

  #known(name: string, token: Token): void {
    if (!this.#variables.includes(name)) this.#fail(`undefined variable ${quote(name)}`, token)
  }

  #command(context: string, first: Token): Command {
    const args: Operand[] = []
    for (;;) {
      const operand = this.#operand(context)
      if (operand) args.push(operand)
      const token = this.#peek()
      if (token.kind === 'symbol' && token.text === '|') {
        this.#next += 1
        const after = this.#peek()
        if (after.kind === 'close' || after.text === ')') this.#fail(`missing value for ${context}`, after)
        break
      }
      if (token.kind === 'close' || (token.kind === 'symbol' && token.text === ')')) break
      if (!operand || !token.spaced) this.#unexpected(token, 'operand')
    }
    if (args.length === 0) this.#fail('empty command', first)
    return { kind: 'command', at: first.at, args }
  }

  #operand(context: string): Operand | undefined {
    const term = this.#term(context)
    if (!term) return undefined
    const names: string[] = []
    while (this.#peek().kind === 'field' && !this.#peek().spaced) names.push(this.#take().text.slice(1))
    if (names.length === 0) return term
    if (term.kind === 'field' || term.kind === 'variable')
      return { ...term, names: [...term.names, ...names] }
    if (term.kind === 'literal' || term.kind === 'nil' || term.kind === 'dot') {
      this.#fail(`unexpected . after term ${quote('text' in term ? term.text : term.kind)}`, this.#peek())
    }
    return { kind: 'chain', at: term.at, from: term, names }
  }

  #term(context: string): Operand | undefined {
    const token = this.#peek()
    const { at, text } = token
    switch (token.kind) {
      case 'identifier':
        if (!this.isFunction(text)) this.#fail(`function ${quote(text)} not defined`, token)
        break
      case 'variable':
        this.#known(text, token)
        break
      case 'symbol':
        if (text !== '(') return undefined
        this.#next += 1
        return this.#pipeline('parenthesized pipeline', ')')
      case 'keyword':
        this.#unexpected(token, context)
    }
    const term = this.#simpleTerm(token, at, text)
    if (term) this.#next += 1
    return term
  }

  #simpleTerm(token: Token, at: number, text: string): Operand | undefined {
    switch (token.kind) {
      case 'identifier':
        return { kind: 'function', at, name: text }
      case 'dot':
        return { kind: 'dot', at }
      case 'nil':
        return { kind: 'nil', at }
      case 'variable':
        return { kind: 'variable', at, name: text, names: [] }
      case 'field':
        return { kind: 'field', at, names: [text.slice(1)] }
      case 'bool':
      case 'char':
      case 'number':
      case 'string':
        return { kind: 'literal', at, text, value: readLiteral(token.kind, text) }
      default:
        return undefined
    }
  }
}
