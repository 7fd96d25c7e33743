import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findContainer } from '../../../src/state'
import { sampleSandbox, store, temporaryState } from './sample'

describe('the state store', () => {
  let place: ReturnType<typeof temporaryState>
  beforeEach(() => {
    place = temporaryState()
  })
  afterEach(() => place.remove())

  test('gives back what was written', async () => {
    const sandbox = await store(place.state, sampleSandbox())
    expect(place.state.read(sandbox.id)).toEqual(sandbox)
    expect(place.state.list()).toEqual({ sandboxes: [sandbox], damaged: [] })
  })

  test('loses nothing to two hundred writers at once', async () => {
    const { id } = await store(place.state, sampleSandbox())
    await Promise.all(
      Array.from({ length: 200 }, () =>
        place.state.withSandbox(id, async ({ sandbox }) => {
          const count = sandbox.containers[0]!.state.restartCount
          await new Promise((resolve) => setImmediate(resolve))
          sandbox.containers[0]!.state.restartCount = count + 1
        }),
      ),
    )
    expect(place.state.read(id)?.containers[0]?.state.restartCount).toBe(200)
  })

  test('saves nothing when the act fails, and lets the next one in', async () => {
    const { id } = await store(place.state, sampleSandbox())
    const failing = place.state.withSandbox(id, ({ sandbox }) => {
      sandbox.containers[0]!.name = 'other'
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await place.state.withSandbox(id, ({ sandbox }) => expect(sandbox.containers[0]!.name).toBe('web'))
  })

  test('writes no file when nothing changed', async () => {
    const { id } = await store(place.state, sampleSandbox())
    const path = join(place.state.paths.sandbox(id), 'state.json')
    const before = statSync(path).ino
    await place.state.withSandbox(id, () => undefined)
    expect(statSync(path).ino).toBe(before)
    await place.state.withSandbox(id, ({ sandbox }) => {
      sandbox.containers[0]!.name = 'other'
    })
    expect(statSync(path).ino).not.toBe(before)
  })

  test('a removed sandbox is gone, for those who wait for its lock, too', async () => {
    const { id } = await store(place.state, sampleSandbox())
    const removing = place.state.withSandbox(id, async (locked) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      locked.remove()
    })
    await expect(place.state.withSandbox(id, () => 1)).rejects.toMatchObject({ code: 'not-found' })
    await removing
    await expect(place.state.withSandbox(id, () => 1)).rejects.toMatchObject({ code: 'not-found' })
    expect(place.state.read(id)).toBeUndefined()
    expect(readdirSync(place.state.paths.sandboxes)).toEqual([])
  })

  test.each([
    ['cut short', (text: string) => text.slice(0, 100)],
    ['empty', () => ''],
    ['of another schema', (text: string) => text.replace('"schema":1', '"schema":9')],
    ['without a state', (text: string) => text.replace('"status":"created"', '"status":"dancing"')],
  ])('a document that is %s is set aside and named, and the others go on', async (_, damage) => {
    const broken = await store(place.state, sampleSandbox({ name: 'broken' }))
    const sound = await store(place.state, sampleSandbox({ name: 'sound' }))
    const folder = place.state.paths.sandbox(broken.id)
    const text = readFileSync(join(folder, 'state.json'), 'utf8')
    writeFileSync(join(folder, 'state.json'), damage(text))

    const listing = place.state.list()
    expect(listing.sandboxes.map(({ id }) => id)).toEqual([sound.id])
    expect(listing.damaged).toMatchObject([{ id: broken.id }])
    expect(readFileSync(listing.damaged[0]!.path, 'utf8')).toBe(damage(text))
    expect(readdirSync(folder)).not.toContain('state.json')
    expect(() => findContainer(place.state, 'broken')).toThrow(/damaged/)
    expect(findContainer(place.state, 'sound').container.id).toBe(sound.id)
  })
})
