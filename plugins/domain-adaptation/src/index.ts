/** Domain adaptation without source data. */
export {}
