/** The self-test as a program: `self-test.main FOLDER VERSION` loads what was built and ends with what is wrong. */
import { createRequire } from "node:module"
import { join } from "node:path"
import { type Addon, wrongWith } from "./product.ts"

const [, , folder = "", version = ""] = process.argv
const addon = createRequire(import.meta.url)(join(folder, "addon.node")) as Addon
const wrong = wrongWith(addon, version)
if (wrong !== undefined) console.error(wrong)
process.exitCode = wrong === undefined ? 0 : 1
