/** How Node is started for a monitor. */
export const monitorNodeFlags: readonly string[] = ['--v8-pool-size=1']
