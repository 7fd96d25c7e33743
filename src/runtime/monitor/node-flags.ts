/**
 * How Node is started for a monitor. Measured with Node 20.20: the monitor of a pod of three has 9.1 MB of private memory
 * at first, and 7.2 after ten quiet seconds, when V8 has given back what the start took. V8's own flags
 * (`--max-semi-space-size`, `--optimize-for-size`, `--lite-mode`, `--single-threaded`, …) each cost 0.1 to 0.3 MB, as V8
 * then refuses the compiled code that Node brings along. `--v8-pool-size` is Node's: three threads fewer.
 */
export const monitorNodeFlags: readonly string[] = ['--v8-pool-size=1']

/**
 * Variables of a monitor's environment, for 0.2 MB less: one arena for malloc, which gives freed memory back early, and
 * two threads in Node's pool, one to wait for a lock and one for what a container's start says (see serial-hooks.ts).
 */
export const monitorEnvironment: readonly string[] = [
  'UV_THREADPOOL_SIZE=2',
  'MALLOC_ARENA_MAX=1',
  'MALLOC_TRIM_THRESHOLD_=65536',
  'MALLOC_TOP_PAD_=4096',
]
