import { parseGoInt } from './go-numbers'
import { invalid } from './refusal'

/** Linux's signals by number, on x86 and ARM. */
const names = [
  '',
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
]

const aliases: Record<string, number> = { IOT: 6, CLD: 17, POLL: 29, UNUSED: 31 }

const realTime = (name: string): number | undefined => {
  const [, end, offset] = /^RT(MIN|MAX)(?:[+-](\d{1,2}))?$/.exec(name) ?? []
  if (!end) return undefined
  const steps = Number(offset ?? 0)
  if (end === 'MIN') return name.includes('-') || steps > 15 ? undefined : 34 + steps
  return name.includes('+') || steps > 14 ? undefined : 64 - steps
}

/** The number of a signal given as `TERM`, `SIGTERM`, `-9` or `15`, or Podman's error. */
export const parseSignal = (text: string): number => {
  const plain = text.replace(/^-/, '')
  if (/^\d+$/.test(plain)) {
    const number = parseGoInt(plain)
    if (number === 0) throw invalid(`invalid signal: ${plain}`)
    if (number > 64) throw invalid('valid signals are 1 through 64')
    return number
  }
  const name = plain.toUpperCase().replace(/^SIG/, '')
  const index = name ? names.indexOf(name) : -1
  const number = index > 0 ? index : (aliases[name] ?? realTime(name))
  if (number === undefined) throw invalid(`invalid signal: ${plain}`)
  return number
}

/** `SIGTERM` for 15; real-time signals as `SIGRTMIN+3`. */
export const signalName = (number: number): string => {
  const name = names[number]
  if (name) return `SIG${name}`
  if (number === 34) return 'SIGRTMIN'
  if (number === 64) return 'SIGRTMAX'
  if (number > 34 && number < 50) return `SIGRTMIN+${number - 34}`
  if (number >= 50 && number < 64) return `SIGRTMAX-${64 - number}`
  return String(number)
}
