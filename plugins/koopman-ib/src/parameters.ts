/** Parameters that several stages share. */
import { orElse, Positive } from "@relent/named"

export const sigma = orElse(
  Positive.annotate({ description: "width of the Gaussian kernel, in units of the points" }),
  1,
)
