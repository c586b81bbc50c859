/** The relent command. */
export {}
