import type { Kernel } from '../kernel'
import type { LayerStore } from './layers/layer-store'
import type { IdShift } from './layers/shift'
import type { Layout } from './store/layout'
import { openStaging, type Staging } from './store/staging'

/** What the parts of the store work with. */
export interface StoreContext {
  kernel: Kernel
  root: string
  layout: Layout
  layers: LayerStore
  /** Whether we are in a user namespace: see OverlayFlavor. */
  userXattr: boolean
  /** The layers are for containers of that user namespace alone. */
  shift?: IdShift
  lockPath: string
}

/** Runs `act` with a staging folder that is gone afterwards, whatever happens. */
export const withStaging = async <T>(
  context: StoreContext,
  act: (staging: Staging) => Promise<T>,
): Promise<T> => {
  const staging = openStaging(context.kernel, context.root)
  try {
    return await act(staging)
  } finally {
    staging.discard()
  }
}
