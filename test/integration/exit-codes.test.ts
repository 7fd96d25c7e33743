import { expect, test } from 'vitest'
import { IMAGE, useStore } from './harness/store'

const store = useStore()

test("run gives the command's own exit code", async () => {
  expect((await store.run(['run', '--rm', IMAGE, 'sh', '-c', 'exit 37'])).exitCode).toBe(37)
})
