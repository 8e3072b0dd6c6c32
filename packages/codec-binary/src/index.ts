/** The face of `@rumormill/codec-binary`. */
export {}
