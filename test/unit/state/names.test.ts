import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NameEntry, newId } from '../../../src/state'
import { sampleSandbox, store, temporaryState } from './sample'

const entry = (): NameEntry => {
  const id = newId()
  return { kind: 'container', id, sandbox: id }
}

describe('names', () => {
  let place: ReturnType<typeof temporaryState>
  beforeEach(() => {
    place = temporaryState()
  })
  afterEach(() => place.remove())

  test('of many creators one wins, and the others learn who', async () => {
    const creators = Array.from({ length: 50 }, entry)
    const losses = await Promise.all(creators.map((creator) => place.state.claimName('web', creator)))
    const winners = creators.filter((_, index) => losses[index] === undefined)
    expect(winners).toHaveLength(1)
    for (const loss of losses) if (loss) expect(loss.id).toBe(winners[0]!.id)
  })

  test('a name that nothing holds and whose claimant is dead is taken over', async () => {
    const [dead, next] = [entry(), entry()]
    await place.state.claimName('other', entry())
    symlinkSync(
      `container:${dead.sandbox}:${dead.id}:1:99:not-this-boot`,
      join(place.state.paths.names, 'web'),
    )
    expect(await place.state.claimName('web', next)).toBeUndefined()
    expect(place.state.names.get('web')?.id).toBe(next.id)
  })

  test('a name that a document holds stays, though its claimant is dead', async () => {
    const { id } = await store(place.state, sampleSandbox({ name: 'kept' }))
    symlinkSync(`container:${id}:${id}:1:99:not-this-boot`, join(place.state.paths.names, 'web'))
    await place.state.withSandbox(id, ({ sandbox }) => {
      sandbox.containers[0]!.name = 'web'
    })
    expect((await place.state.claimName('web', entry()))?.id).toBe(id)
  })

  test('only its owner gives a name up', async () => {
    const owner = entry()
    await place.state.claimName('web', owner)
    await place.state.names.release('web', newId())
    expect(place.state.names.get('web')?.id).toBe(owner.id)
    await place.state.names.release('web', owner.id)
    expect(place.state.names.get('web')).toBeUndefined()
  })
})
