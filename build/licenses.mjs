import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry))
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `License: ${license}`
  return `${name} ${version}\n\n${text}\n`
}

/** Gathers the licences of the packages that the bundles contain, as those licences ask. */
export function writeLicenses(metafiles, out) {
  const folders = new Set()
  for (const { inputs } of metafiles) {
    for (const input of Object.keys(inputs)) {
      const folder = PACKAGE.exec(input)?.[1]
      if (folder && existsSync(join(folder, 'package.json'))) folders.add(folder)
    }
  }
  const separator = `\n${'-'.repeat(80)}\n\n`
  writeFileSync(join(out, 'licenses.txt'), [...folders].sort().map(licenseOf).join(separator))
}
