import { TemplateError } from './errors'

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'field'
  | 'variable'
  | 'dot'
  | 'identifier'
  | 'keyword'
  | 'string'
  | 'number'
  | 'char'
  | 'bool'
  | 'nil'
  | 'symbol'
  | 'eof'

export interface Token {
  kind: TokenKind
  text: string
  /** Offset in the template's text. */
  at: number
  /** Whether white space stands before it inside an action. */
  spaced: boolean
}

const KEYWORDS = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
])

const SPACE = /[ \t\r\n]*/y
const WORD = /[A-Za-z_]\w*/y
/** Behind a function, as V8 takes a millisecond for it: it is used where other letters are. */
const anyWord = (): RegExp => /[\p{L}_][\p{L}\p{Nd}_]*/uy
const NUMBER =
  /[+-]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d+)?)(?![\w.+-])/y
const STRING = /"(?:[^"\\\n]|\\[^\n])*"/y
const RAW = /`[^`]*`/y
const CHAR = /'(?:[^'\\\n]|\\[^\n])+'/y
const TERMINATOR = /^(?:$|[ \t\r\n.,|:()=]|-?\}\})/

/** Cuts a template into tokens, as the lexer of Go's text/template does. */
export class Lexer {
  #at = 0
  #trimNext = false
  #parens = 0
  readonly #tokens: Token[] = []

  constructor(
    private readonly name: string,
    private readonly text: string,
  ) {}

  tokens(): Token[] {
    while (this.#text()) this.#action()
    this.#push('eof', '')
    return this.#tokens
  }

  #push(kind: TokenKind, text: string, spaced = false): void {
    this.#tokens.push({ kind, text, at: this.#at, spaced })
    this.#at += text.length
  }

  #fail(message: string): never {
    const line = this.text.slice(0, this.#at).split('\n').length
    throw new TemplateError(`template: ${this.name}:${line}: ${message}`)
  }

  /** The text up to the next action; false at the end. */
  #text(): boolean {
    const open = this.text.indexOf('{{', this.#at)
    const end = open < 0 ? this.text.length : open
    let text = this.text.slice(this.#at, end)
    if (this.#trimNext) {
      const kept = text.replace(/^[ \t\r\n]+/, '')
      this.#at += text.length - kept.length
      text = kept
    }
    const trimmed = open >= 0 && /^\{\{-[ \t\r\n]/.test(this.text.slice(open, open + 4))
    const shown = trimmed ? text.replace(/[ \t\r\n]+$/, '') : text
    if (shown) this.#push('text', shown)
    this.#trimNext = false
    this.#at = end
    if (open < 0) return false
    const opened = trimmed ? '{{-' : '{{'
    const comment = /^[ \t\r\n]*\/\*/.exec(this.text.slice(open + opened.length))
    if (comment && (trimmed || comment[0] === '/*'))
      return this.#comment(open + opened.length + comment[0].length)
    this.#push('open', opened)
    this.#parens = 0
    return true
  }

  #comment(start: number): boolean {
    const end = this.text.indexOf('*/', start)
    if (end < 0) this.#fail('unclosed comment')
    const close = /^(?:[ \t\r\n]+-\}\}|\}\})/.exec(this.text.slice(end + 2))
    if (!close) this.#fail('comment ends before closing delimiter')
    this.#at = end + 2 + close[0].length
    this.#trimNext = close[0].length > 2
    return this.#text()
  }

  #action(): void {
    for (;;) {
      SPACE.lastIndex = this.#at
      const space = SPACE.exec(this.text)?.[0].length ?? 0
      this.#at += space
      const trims = space > 0 && this.text.startsWith('-}}', this.#at)
      if (trims || this.text.startsWith('}}', this.#at)) {
        this.#trimNext = trims
        this.#close(trims ? '-}}' : '}}')
        return
      }
      if (this.#at >= this.text.length) this.#fail('unclosed action')
      this.#token(space > 0)
    }
  }

  #close(mark: string): void {
    if (this.#parens > 0) this.#fail('unclosed left paren')
    this.#push('close', mark)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.text)?.[0]
  }

  #token(spaced: boolean): void {
    const char = this.text[this.#at] ?? ''
    if (this.text.startsWith(':=', this.#at)) this.#push('symbol', ':=', spaced)
    else if ('|=,'.includes(char)) this.#push('symbol', char, spaced)
    else if (char === '(' || char === ')') this.#paren(char, spaced)
    else if (char === '"') this.#quoted('string', STRING, 'unterminated quoted string', spaced)
    else if (char === '`') this.#quoted('string', RAW, 'unterminated raw quoted string', spaced)
    else if (char === "'") this.#quoted('char', CHAR, 'unterminated character constant', spaced)
    else if (/^(?:[0-9+-]|\.\d)/.test(this.text.slice(this.#at, this.#at + 2))) this.#number(spaced)
    else if (char === '.' || char === '$') this.#fieldOrVariable(char, spaced)
    else this.#word(char, spaced)
  }

  #paren(char: string, spaced: boolean): void {
    this.#parens += char === '(' ? 1 : -1
    if (this.#parens < 0) this.#fail('unexpected right paren')
    this.#push('symbol', char, spaced)
  }

  #quoted(kind: TokenKind, pattern: RegExp, problem: string, spaced: boolean): void {
    const text = this.#match(pattern)
    if (text === undefined) this.#fail(problem)
    this.#push(kind, text, spaced)
  }

  #number(spaced: boolean): void {
    const text = this.#match(NUMBER)
    if (text === undefined) {
      const bad = /^[+-]?[\d_.]*./s.exec(this.text.slice(this.#at))?.[0] ?? ''
      this.#fail(`bad number syntax: ${JSON.stringify(bad)}`)
    }
    this.#push('number', text, spaced)
  }

  #fieldOrVariable(char: string, spaced: boolean): void {
    const word = this.#wordAt(this.#at + 1)
    const length = 1 + (word?.length ?? 0)
    this.#atTerminator(length)
    const kind = char === '$' ? 'variable' : word === undefined ? 'dot' : 'field'
    this.#push(kind, char + (word ?? ''), spaced)
  }

  #wordAt(at: number): string | undefined {
    WORD.lastIndex = at
    const word = WORD.exec(this.text)?.[0]
    if (!(this.text.charCodeAt(at + (word?.length ?? 0)) > 127)) return word
    const pattern = anyWord()
    pattern.lastIndex = at
    return pattern.exec(this.text)?.[0]
  }

  #word(char: string, spaced: boolean): void {
    const word = this.#wordAt(this.#at)
    if (word === undefined) {
      if (char < '!' || char > '~')
        this.#fail(`unrecognized character in action: ${describe(this.text.slice(this.#at))}`)
      this.#push('symbol', char, spaced)
      return
    }
    this.#atTerminator(word.length)
    this.#push(wordKind(word), word, spaced)
  }

  #atTerminator(length: number): void {
    const rest = this.text.slice(this.#at + length, this.#at + length + 3)
    if (!TERMINATOR.test(rest)) this.#fail(`bad character ${describe(rest)}`)
  }
}

function wordKind(word: string): TokenKind {
  if (KEYWORDS.has(word)) return 'keyword'
  if (word === 'true' || word === 'false') return 'bool'
  return word === 'nil' ? 'nil' : 'identifier'
}

/** `%#U` of the first character. */
function describe(text: string): string {
  const code = text.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`
}
