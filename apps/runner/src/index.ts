/** The `relent` command. */
export { main } from "./main.ts"
