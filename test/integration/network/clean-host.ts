import { existsSync, readdirSync } from 'node:fs'
import { afterEach, beforeEach, expect } from 'vitest'
import { assignPorts, type NetworkRequest, parsePublish, reclaim } from '../../../src/network'
import { canMakeHost, type Host, useHost } from './host'

export const nothing = {
  links: [] as string[],
  tables: '',
  namespaces: [] as string[],
  leases: [] as string[],
  records: [] as string[],
}

export interface CleanHost extends Host {
  /** A request to join the default network and publish ports. */
  request(owner: string, ...publish: string[]): NetworkRequest
  /** What set-ups have made and nobody has removed yet. */
  leftovers(): typeof nothing
}

/** A host on which each test starts with nothing, and must leave nothing when all its owners are torn down. */
export const useCleanHost = (): CleanHost => {
  const host = useHost()
  const { kernel, home, sh } = host
  const request = (owner: string, ...publish: string[]): NetworkRequest => ({
    owner,
    ownerName: `name-${owner.slice(0, 8)}`,
    networks: [{ name: 'default' }],
    ports: assignPorts(kernel, parsePublish(publish)),
  })

  const leftovers = (): typeof nothing => ({
    links: [...sh('ip -o link').matchAll(/^\d+: ((?:veth|tspod)\w+)/gm)].map(([, name]) => `${name}`),
    tables: sh('nft list tables').trim(),
    namespaces: (existsSync('/run/netns') ? readdirSync('/run/netns') : []).filter((name) =>
      name.startsWith(`netns-${host.mark}`),
    ),
    leases: existsSync(`${home.runroot}/ipam/podman`)
      ? readdirSync(`${home.runroot}/ipam/podman`).filter((name) => !name.startsWith('.'))
      : [],
    records: existsSync(`${home.runroot}/network`) ? readdirSync(`${home.runroot}/network`) : [],
  })
  beforeEach(() => {
    host.fresh()
  })
  afterEach(async () => {
    if (!canMakeHost) return
    await reclaim(home, () => false)
    expect(leftovers()).toEqual(nothing)
  })
  return { ...host, request, leftovers }
}
