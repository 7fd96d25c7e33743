import { quote } from '../go-quote'
import { CallError, TemplateError } from './errors'
import { type Functions, fits, PARAMETERS, type Parameter } from './functions'
import { type Command, type Node, type Operand, type Pipe, show } from './nodes'
import type { ParsedTemplate } from './parser'
import { hasMember, isTrue, kindOf, mapEntry, typeName } from './values'

/** Stands for a pipeline's missing last argument, as undefined is a value here. */
const NONE = Symbol('none')

type Place = Operand | Command | Extract<Node, { kind: 'template' }>

/** The value of pipelines, and the variables they see. */
export class Expressions {
  protected variables: [name: string, value: unknown][] = []

  constructor(
    protected readonly template: ParsedTemplate,
    private readonly functions: Functions,
  ) {}

  protected fail(place: Place, message: string): never {
    const { name, text } = this.template
    const before = text.slice(0, place.at)
    const line = before.split('\n').length
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))
    throw new TemplateError(
      `template: ${name}:${line}:${column}: executing ${quote(name)} at <${show(place)}>: ${message}`,
    )
  }

  protected setVariable(name: string, value: unknown, assigns: boolean): void {
    const known = assigns ? this.variables.findLast(([variable]) => variable === name) : undefined
    if (known) known[1] = value
    else this.variables.push([name, value])
  }

  protected pipe(dot: unknown, pipe: Pipe): unknown {
    let value: unknown = NONE
    for (const command of pipe.commands) value = this.#command(dot, command, value)
    for (const name of pipe.variables) this.setVariable(name, value, pipe.assigns)
    return value
  }

  #command(dot: unknown, command: Command, final: unknown): unknown {
    const [first, ...rest] = command.args as [Operand, ...Operand[]]
    const args = () => [...rest.map((arg) => this.#value(dot, arg)), ...(final === NONE ? [] : [final])]
    switch (first.kind) {
      case 'function':
        return this.#function(command, first.name, dot, rest, final)
      case 'field':
        return this.#fields(first, dot, first.names, args())
      case 'variable':
        if (first.names.length > 0) return this.#fields(first, this.#variable(first), first.names, args())
        break
      case 'chain':
        return this.#fields(first, this.#value(dot, first.from), first.names, args())
      case 'nil':
        this.fail(first, 'nil is not a command')
    }
    if (rest.length > 0 || final !== NONE)
      this.fail(first, `can't give argument to non-function ${show(first)}`)
    return this.#value(dot, first)
  }

  #variable(node: Extract<Operand, { kind: 'variable' }>): unknown {
    return this.variables.findLast(([name]) => name === node.name)?.[1]
  }

  #value(dot: unknown, node: Operand): unknown {
    switch (node.kind) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'literal':
        return node.value
      case 'pipe':
        return this.pipe(dot, node)
      case 'field':
        return this.#fields(node, dot, node.names, [])
      case 'variable':
        return this.#fields(node, this.#variable(node), node.names, [])
      case 'chain':
        return this.#fields(node, this.#value(dot, node.from), node.names, [])
      case 'function':
        return this.#function(node, node.name, dot, [], NONE)
    }
  }

  #fields(node: Operand, from: unknown, names: string[], args: unknown[]): unknown {
    return names.reduce(
      (value, name, index) => this.#field(node, value, name, index === names.length - 1 ? args : []),
      from,
    )
  }

  #field(node: Operand, receiver: unknown, name: string, args: unknown[]): unknown {
    const kind = kindOf(receiver)
    if (kind === 'nil') {
      this.fail(node, receiver === undefined ? `nil data; no entry for key ${quote(name)}` : nilPointer(name))
    }
    if (kind === 'map') {
      if (args.length > 0) this.fail(node, `${name} is not a method but has arguments`)
      return mapEntry(receiver, name)
    }
    if ((kind !== 'struct' && kind !== 'time') || !hasMember(receiver, name)) {
      this.fail(node, `can't evaluate field ${name} in type ${typeName(receiver)}`)
    }
    const member = (receiver as Record<string, unknown>)[name]
    if (typeof member === 'function') return this.#invoke(node, name, () => member.apply(receiver, args))
    if (args.length > 0) this.fail(node, `${name} has arguments but cannot be invoked as function`)
    return member ?? null
  }

  #function(node: Operand | Command, name: string, dot: unknown, rest: Operand[], final: unknown): unknown {
    if (name === 'and' || name === 'or') return this.#shortCircuit(node, name, dot, rest, final)
    const args = [...rest.map((arg) => this.#value(dot, arg)), ...(final === NONE ? [] : [final])]
    const parameters = PARAMETERS[name]
    if (parameters) this.#checkArguments(node, name, parameters, args, rest)
    const run = this.functions[name] as (...given: unknown[]) => unknown
    return this.#invoke(node, name, () => run(...args))
  }

  #checkArguments(
    node: Operand | Command,
    name: string,
    parameters: Parameter[],
    args: unknown[],
    given: Operand[],
  ): void {
    if (parameters.length !== args.length) {
      this.fail(
        functionOf(node),
        `wrong number of args for ${name}: want ${parameters.length} got ${args.length}`,
      )
    }
    parameters.forEach((parameter, index) => {
      if (fits(args[index], parameter)) return
      const operand = given[index]
      if (operand?.kind !== 'literal') {
        this.fail(
          operand ?? node,
          `wrong type for value; expected ${parameter}; got ${typeName(args[index])}`,
        )
      }
      if (parameter === '[]string')
        this.fail(operand, `can't handle ${operand.text} for arg of type []string`)
      this.fail(operand, `expected ${parameter === 'int' ? 'integer' : parameter}; found ${operand.text}`)
    })
  }

  #shortCircuit(
    node: Operand | Command,
    name: 'and' | 'or',
    dot: unknown,
    rest: Operand[],
    final: unknown,
  ): unknown {
    if (rest.length === 0 && final === NONE)
      this.fail(functionOf(node), `wrong number of args for ${name}: want at least 1 got 0`)
    let value: unknown
    for (const arg of rest) {
      value = this.#value(dot, arg)
      if (isTrue(value) === (name === 'or')) return value
    }
    return final === NONE ? value : final
  }

  #invoke(node: Operand | Command, name: string, run: () => unknown): unknown {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      return this.fail(node, `error calling ${name}: ${error.message}`)
    }
  }
}

/** The function's name itself where a command calls one. */
const functionOf = (node: Operand | Command): Operand | Command =>
  node.kind === 'command' ? (node.args[0] ?? node) : node

const nilPointer = (name: string): string => `nil pointer evaluating interface {}.${name}`
