/** Parameters that several stages share. */
import { orElse } from "@relent/named"
import { Schema } from "effect"

export const hardConstraint = orElse(
  Schema.Boolean.annotate({ description: "a reward of -infinity is meant: that answer must never be given" }),
  false,
)
