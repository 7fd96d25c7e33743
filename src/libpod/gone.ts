import { TspodError } from '../errors'

/** Whether an error says that what was meant is gone already. */
export const isGone = (error: unknown): boolean => error instanceof TspodError && error.code === 'not-found'
