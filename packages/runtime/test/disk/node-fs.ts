/** Other functions in place of those of `node:fs`, for everybody who imported them. */
import fs from "node:fs"
import promises from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"

/** As they are by themselves. */
export const stock: { readonly now: typeof fs; readonly soon: typeof promises } = {
  now: { ...fs },
  soon: { ...promises },
}

/** Runs `body` with functions of `node:fs` (`now`) and `node:fs/promises` (`soon`) replaced. */
export const replaced = async <A>(now: object, soon: object, body: () => Promise<A>): Promise<A> => {
  const put = (sync: object, async: object) => {
    Object.assign(fs, sync)
    Object.assign(promises, async)
    syncBuiltinESMExports()
  }
  const like = (names: object, all: object) => Object.fromEntries(Object.entries(all).filter(([name]) => name in names))
  put(now, soon)
  try {
    return await body()
  } finally {
    put(like(now, stock.now), like(soon, stock.soon))
  }
}
