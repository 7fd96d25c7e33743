import type { TestContext } from 'vitest'
import { PODMAN } from './command'
import { findProgram } from './rootfs'

/**
 * Skips a test on a host that lacks a program, and says which. Skips are counted and listed at the end of a run, and
 * fail it in CI as root.
 */
export function needPrograms({ skip }: TestContext, ...names: string[]) {
  const missing = names.filter((name) => findProgram(name) === undefined)
  if (missing.length > 0) skip(`this host has no ${missing.join(', ')}`)
}

/** A case that Podman 4.3, the one to compare with, can't show. */
export function needTspod({ skip }: TestContext, reason: string) {
  if (PODMAN) skip(`Podman: ${reason}`)
}
