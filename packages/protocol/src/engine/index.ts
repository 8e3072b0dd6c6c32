/** The second face, for simulators: outside semver. */
export {}
