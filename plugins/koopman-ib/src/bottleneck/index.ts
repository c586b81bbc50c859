/** All terms of this plugin: one is tested by being here. */
import { csQmi, hsic, none, vib } from "./compression.ts"
import { conditional, huber, mse, welsch } from "./prediction.ts"

export const predictions = [mse, huber, welsch, conditional]
export const compressions = [none, csQmi, hsic, vib]
