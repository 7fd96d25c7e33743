import { TspodError } from '../errors'

const NOT_FOUND = 127
const CANNOT_INVOKE = 126

/** Why a container that `run` has made could not be started. Podman tells it by the codes that a shell has. */
class StartFailure extends TspodError {
  override get exitCode(): number {
    return /not found|no such file|executable path is empty/i.test(this.message) ? NOT_FOUND : CANNOT_INVOKE
  }
}

// Podman finds these out before there is a container.
const isRefusal = ({ code }: TspodError): boolean => code === 'invalid' || code === 'unsupported'

/** The same error with the exit code that `run` ends with. Bugs, and options that are wrong, stay what they are. */
export const asStartFailure = (error: unknown): unknown =>
  error instanceof TspodError && !isRefusal(error)
    ? new StartFailure(error.code, error.message, error.context, error.cause)
    : error
