/** What installing says while it is at it. */

export interface Progress {
  /** `downloading`, `building` */
  readonly doing: string
  readonly what: string
  /** Size of what it is done to. */
  readonly bytes?: number
}

export type Report = (progress: Progress) => void
