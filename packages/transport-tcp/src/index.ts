/** The face of `@rumormill/transport-tcp`. */
export {}
