/** Registries of named values, looked up while parameters are decoded. */
export {}
