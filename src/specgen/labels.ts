import { invalid, quoted } from './refusal'

/** `-l KEY=VALUE` values. */
export const parseLabels = (texts: readonly string[]): Record<string, string> => {
  const labels: Record<string, string> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    const key = at < 0 ? text : text.slice(0, at)
    if (key === '') throw invalid(`unable to process labels: invalid label format: ${quoted(text)}`)
    labels[key] = at < 0 ? '' : text.slice(at + 1)
  }
  return labels
}

/** `--annotation KEY=VALUE` values. */
export const parseAnnotations = (texts: readonly string[]): Record<string, string> => {
  const annotations: Record<string, string> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 0) throw invalid('annotations must be formatted KEY=VALUE')
    annotations[text.slice(0, at)] = text.slice(at + 1)
  }
  return annotations
}
