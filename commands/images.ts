import { BaseCommand, flag, maximumArgs } from '../src/cli/base-command'
import { quote } from '../src/cli/go-quote'
import { ValueError } from '../src/cli/go-values'
import {
  IMAGE_HEADERS,
  IMAGE_SORTS,
  type ImageSort,
  imageFormat,
  imageId,
  imageJson,
  imageRow,
  sortedImages,
} from '../src/cli/image-rows'
import { isJson, renderRows } from '../src/cli/report'
import { filterFlag } from '../src/cli/selection-flags'
import { TspodError } from '../src/errors'

const sortFlag = flag.parsed<ImageSort>('column', (text) => {
  const sort = IMAGE_SORTS.find((one) => one === text)
  if (sort) return sort
  throw new ValueError(`${quote(text)} is not a valid value.  Choose from: ${quote(IMAGE_SORTS.join(', '))}`)
})

export default class Images extends BaseCommand {
  static override aliases = ['image ls', 'image list']
  static override summary = 'List images'
  static override description = 'Lists those of a name alone where one is given; it may hold * and ?.'
  static override usage = 'images [options] [IMAGE]'
  static override examples = [
    'tspod images',
    'tspod images --filter dangling=true --quiet',
    "tspod images --sort repository --format '{{.Repository}}:{{.Tag}} {{.Size}}'",
  ]
  static override arity = maximumArgs(1)
  static override flags = {
    all: flag.bool('Those that others are built on too', { char: 'a' }),
    digests: flag.bool('Digests'),
    ...filterFlag,
    format: flag.string('json, or a Go template for each image', { value: 'format' }),
    history: flag.bool('Names that the images have or had'),
    'no-trunc': flag.bool('Shorten nothing', { aliases: ['notruncate'] }),
    noheading: flag.bool('No line of headings', { char: 'n' }),
    quiet: flag.bool('Ids alone', { char: 'q' }),
    sort: sortFlag(`Column to sort by: ${IMAGE_SORTS.join(', ')}`, { default: 'created' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Images)
    const { all, filter, format, quiet, sort } = flags
    const noTrunc = flags['no-trunc']
    if (filter.length && argv.length) throw new TspodError('usage', 'cannot specify an image and a filter(s)')
    const asked = [...filter, ...argv.map((name) => `reference=${name}`)]
    const hidden = all || asked.includes('intermediate=true') ? [] : ['intermediate=false']
    const { images } = await this.engine
    const rows = sortedImages(await images.list([...asked, ...hidden]), sort)
    if (isJson(format ?? '')) return this.print(imageJson(rows))
    if (quiet) {
      for (const id of new Set(rows.map(({ image }) => imageId(image, noTrunc)))) this.print(id)
      return
    }
    const options = { name: 'images', headers: IMAGE_HEADERS, noHeading: flags.noheading }
    this.write(
      renderRows(
        format ?? imageFormat(flags),
        rows.map((row) => imageRow(row, noTrunc)),
        options,
      ),
    )
  }
}
