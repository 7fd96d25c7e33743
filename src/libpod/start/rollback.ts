import { isTspodError, TspodError } from '../../errors'

/** What is to be undone, in reverse, when a start fails half way. */
export interface Rollback {
  add(doing: string, undo: () => void | Promise<void>): void
  /** Undoes everything, whatever fails on the way; the failures. */
  run(): Promise<TspodError[]>
}

export const createRollback = (): Rollback => {
  const steps: { doing: string; undo: () => void | Promise<void> }[] = []
  return {
    add: (doing, undo) => {
      steps.push({ doing, undo })
    },
    run: async () => {
      const errors: TspodError[] = []
      for (const { doing, undo } of steps.splice(0).reverse()) {
        try {
          await undo()
        } catch (error) {
          errors.push(
            isTspodError(error) ? error : new TspodError('system', `${doing}: ${String(error)}`, {}, error),
          )
        }
      }
      return errors
    },
  }
}
