/** The entry point of `@rumormill/page`: the location of the built page, and the types of its messages. */
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
