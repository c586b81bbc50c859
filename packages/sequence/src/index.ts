/** Policies over sequences, small enough to be exact. */
export {}
