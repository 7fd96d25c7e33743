import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../../..', import.meta.url))
export const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url))
