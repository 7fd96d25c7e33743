/** Where a failure came from, for messages and for scripts. */
export interface ErrorContext {
  /** The system call or program that failed, such as `mount`. */
  call?: string
  /** Symbolic errno, such as `EBUSY`. */
  errno?: string
  /** What it was done to: a path, a container, an image. */
  object?: string
  /** What the user can do next. */
  hint?: string
}

export type ErrorCode =
  | 'usage'
  | 'not-found'
  | 'exists'
  | 'in-use'
  | 'state'
  | 'invalid'
  | 'denied'
  | 'unsupported'
  | 'system'
  | 'damaged'
  | 'command-not-found'
  | 'command-not-executable'

/**
 * The one error type. `message` is what the user reads after `Error: `: lower case, no full stop, naming the object.
 * A thrown value of any other type is a bug and is printed with its stack.
 */
export class TspodError extends Error {
  readonly code: ErrorCode
  readonly context: ErrorContext

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'TspodError'
    this.code = code
    this.context = context
  }

  /** 126 and 127 belong to the container's command, everything else of ours is 125. */
  get exitCode(): number {
    if (this.code === 'command-not-found') return 127
    if (this.code === 'command-not-executable') return 126
    return 125
  }
}

export const isTspodError = (error: unknown): error is TspodError => error instanceof TspodError

/** Several failures of one command over several objects; the successes were printed already. */
export class ManyErrors extends TspodError {
  readonly errors: TspodError[]

  constructor(errors: TspodError[]) {
    super(errors[0]?.code ?? 'system', errors.map((error) => error.message).join('\n'))
    this.errors = errors
  }
}
