import picocolors from 'picocolors'

/** Colours for a terminal alone: picocolors would also give them to a CI's log file. */
export const pc = picocolors.createColors(Boolean(process.stdout.isTTY) && !process.env.NO_COLOR)
