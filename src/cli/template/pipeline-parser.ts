import { quote } from '../go-quote'
import { TemplateError } from './errors'
import { Lexer, type Token, type TokenKind } from './lexer'
import { readLiteral } from './literals'
import type { Command, Operand, Pipe } from './nodes'

const STARTS_COMMAND = new Set<TokenKind>([
  'bool',
  'char',
  'dot',
  'field',
  'identifier',
  'keyword',
  'nil',
  'number',
  'string',
  'variable',
])

/** Reads pipelines: what stands inside an action. */
export class PipelineParser {
  /** The variables in sight. */
  protected variables: string[] = ['$']
  readonly #tokens: Token[]
  #next = 0

  constructor(
    private readonly name: string,
    private readonly text: string,
    private readonly isFunction: (name: string) => boolean,
  ) {
    this.#tokens = new Lexer(name, text).tokens()
  }

  protected peek(): Token {
    return this.#tokens[this.#next] as Token
  }

  protected take(): Token {
    return this.#tokens[this.#next++] as Token
  }

  protected fail(message: string, token: Token): never {
    const line = this.text.slice(0, token.at).split('\n').length
    throw new TemplateError(`template: ${this.name}:${line}: ${message}`)
  }

  protected unexpected(token: Token, context: string): never {
    if (token.kind === 'eof') this.fail('unexpected EOF', token)
    const bracketed = token.kind === 'keyword' || token.kind === 'dot' || token.kind === 'nil'
    const text = [...token.text]
    const quoted = text.length > 10 ? `${quote(text.slice(0, 10).join(''))}...` : quote(token.text)
    const shown = bracketed ? `<${token.text}>` : quoted
    this.fail(`unexpected ${shown} in ${context}`, token)
  }

  protected expect(kind: TokenKind, context: string): Token {
    const token = this.take()
    if (token.kind !== kind) this.unexpected(token, context)
    return token
  }

  protected pipeline(context: string, end: 'close' | ')'): Pipe {
    const at = this.peek().at
    const { variables, assigns } = this.#declarations(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.peek()
      if (end === 'close' ? token.kind === 'close' : token.text === ')' && token.kind === 'symbol') {
        this.take()
        this.#check(commands, context, token)
        return { kind: 'pipe', at, variables, assigns, commands }
      }
      if (!STARTS_COMMAND.has(token.kind) && token.text !== '(') this.unexpected(token, context)
      commands.push(this.#command(context, token))
    }
  }

  #check(commands: Command[], context: string, token: Token): void {
    if (commands.length === 0) this.fail(`missing value for ${context}`, token)
    commands.slice(1).forEach((command, index) => {
      const kind = command.args[0]?.kind
      if (kind === 'literal' || kind === 'nil' || kind === 'dot') {
        this.fail(`non executable command in pipeline stage ${index + 2}`, token)
      }
    })
  }

  #declarations(context: string): { variables: string[]; assigns: boolean } {
    const start = this.#next
    const variables: string[] = []
    while (this.peek().kind === 'variable') {
      variables.push(this.take().text)
      const token = this.take()
      if (token.text === ',' && context === 'range' && variables.length < 2) continue
      if (token.text === ',') this.fail(`too many declarations in ${context}`, token)
      if (token.kind !== 'symbol' || (token.text !== ':=' && token.text !== '=')) break
      if (token.text === ':=') this.variables.push(...variables)
      else for (const name of variables) this.#known(name, token)
      return { variables, assigns: token.text === '=' }
    }
    this.#next = start
    return { variables: [], assigns: false }
  }

  #known(name: string, token: Token): void {
    if (!this.variables.includes(name)) this.fail(`undefined variable ${quote(name)}`, token)
  }

  #command(context: string, first: Token): Command {
    const args: Operand[] = []
    for (;;) {
      const operand = this.#operand(context)
      if (operand) args.push(operand)
      const token = this.peek()
      if (token.kind === 'symbol' && token.text === '|') {
        this.take()
        break
      }
      if (token.kind === 'close' || (token.kind === 'symbol' && token.text === ')')) break
      if (!operand || !token.spaced) this.unexpected(token, 'operand')
    }
    if (args.length === 0) this.fail('empty command', first)
    return { kind: 'command', at: first.at, args }
  }

  #operand(context: string): Operand | undefined {
    const term = this.#term(context)
    if (!term) return undefined
    const { at } = this.peek()
    const names: string[] = []
    while (this.peek().kind === 'field' && !this.peek().spaced) names.push(this.take().text.slice(1))
    if (names.length === 0) return term
    if (term.kind === 'field' || term.kind === 'variable')
      return { ...term, at, names: [...term.names, ...names] }
    if (term.kind === 'literal' || term.kind === 'nil' || term.kind === 'dot') {
      this.fail(`unexpected . after term ${quote('text' in term ? term.text : term.kind)}`, this.peek())
    }
    return { kind: 'chain', at, from: term, names }
  }

  #term(context: string): Operand | undefined {
    const token = this.peek()
    const { at, text } = token
    switch (token.kind) {
      case 'identifier':
        if (!this.isFunction(text)) this.fail(`function ${quote(text)} not defined`, token)
        break
      case 'variable':
        this.#known(text, token)
        break
      case 'symbol':
        if (text !== '(') return undefined
        this.take()
        return this.pipeline('parenthesized pipeline', ')')
      case 'keyword':
        this.unexpected(token, context)
    }
    const term = this.#simpleTerm(token, at, text)
    if (term) this.take()
    return term
  }

  #literal(token: Token): string | number | boolean {
    const value = readLiteral(token.kind, token.text)
    if (value === undefined) this.fail(`malformed character constant: ${token.text}`, token)
    return value
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
        return { kind: 'literal', at, text, value: this.#literal(token) }
      default:
        return undefined
    }
  }
}
