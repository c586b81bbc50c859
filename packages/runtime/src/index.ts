/** Plan, execute, cache and resume pipelines; the store. */
export {}
