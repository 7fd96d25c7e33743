import { TspodError } from '../errors'

/** Puts what was being done to which archive before an error about its content. */
export const naming = (doing: string, object: string, error: unknown): unknown =>
  error instanceof TspodError && (error.code === 'damaged' || error.code === 'invalid')
    ? new TspodError(error.code, `${doing} ${object}: ${error.message}`, { object, ...error.context }, error)
    : error
