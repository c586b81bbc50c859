/** Modules are named as they are imported: `@relent/datasets/take` for `plugins/datasets/src/take`. */
import { ReflectionKind } from "typedoc"

export const load = ({ converter }) =>
  converter.on("createDeclaration", (_, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    reflection.name = reflection.name
      .replace(/^(?:packages|plugins)\/([^/]+)\/src/, "@relent/$1")
      .replace(/\/index$/, "")
  })
