/** Docker's one line for labels: `key=value`, sorted, with commas between. */
export const labelsText = (labels: Record<string, string> | null): string =>
  Object.entries(labels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
