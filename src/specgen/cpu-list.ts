import { invalid } from './refusal'

/** `0-3,5` as numbers. */
export const parseCpuList = (text: string, option: string): number[] => {
  const numbers = new Set<number>()
  for (const part of text.split(',')) {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last ?? first)]
    if (first === undefined || to < from || to > 8191) throw invalid(`invalid value ${text} for ${option}`)
    for (let number = from; number <= to; number++) numbers.add(number)
  }
  return [...numbers].sort((a, b) => a - b)
}
