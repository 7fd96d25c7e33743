import { TspodError } from '../errors'

const NOT_FOUND = 127
const CANNOT_INVOKE = 126

/** Why a container that `run` has made could not be started. Podman tells it by the codes that a shell has. */
class StartFailure extends TspodError {
  override get exitCode(): number {
    return /not found|no such file|executable path is empty/i.test(this.message) ? NOT_FOUND : CANNOT_INVOKE
  }
}

/** The same error with the exit code that `run` ends with. Bugs stay what they are. */
export const asStartFailure = (error: unknown): unknown =>
  error instanceof TspodError
    ? new StartFailure(error.code, error.message, error.context, error.cause)
    : error
