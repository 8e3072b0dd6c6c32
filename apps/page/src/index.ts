/** The face of `@rumormill/page`: where the built page is, and what it and its server say to one another. */
export { siteUrl } from './site.ts'
export {
  type Command,
  type GroupState,
  type NodeFigures,
  type NodeState,
  type Refusal,
  type RunProgress,
  type RunSettings,
  type Spread,
  type Times
} from './wire.ts'
