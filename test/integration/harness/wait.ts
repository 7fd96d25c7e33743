import { setTimeout as sleep } from 'node:timers/promises'

/** Calls `look` until it neither throws nor gives undefined; its last error after `seconds`. */
export async function eventually<T>(look: () => T | Promise<T>, seconds = 10): Promise<NonNullable<T>> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined && found !== null && found !== false) return found
      if (Date.now() > end) throw new Error(`nothing came within ${seconds} s of ${look}`)
    } catch (error) {
      if (Date.now() > end) throw error
    }
    await sleep(25)
  }
}

export { sleep }
