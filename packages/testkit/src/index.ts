/** The face of `@rumormill/testkit`. */
export {}
