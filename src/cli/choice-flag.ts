import * as flag from './flags'
import { quote } from './go-quote'
import { ValueError } from './go-values'

/** A flag that takes one of a few words. */
export function choiceFlag(description: string, choices: readonly string[]) {
  const list = choices.join(', ')
  return flag.parsed<string>('choice', (text) => {
    if (choices.includes(text)) return text
    throw new ValueError(`${quote(text)} is not a valid value.  Choose from: ${quote(list)}`)
  })(`${description}: ${list}`)
}
