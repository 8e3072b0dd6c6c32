/** The face of `@rumormill/codec-json`. */
export {}
