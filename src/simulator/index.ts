/** The simulated Haku: a real HTTP server with a seeded world that moves. For tests and the demo. */
export type { Call, CallFilter, CallLog, Endpoint } from './call-log.ts'
export * from './event-moves.ts'
export type { ActiveRule, Fault, FaultMatch, FaultRule, Faults } from './faults.ts'
export type { EventDateForm, InstantLike, StampPrecision, StampZone } from './instants.ts'
export { type Inventory, type InventoryCredential, type InventoryOptions, inventory } from './inventory.ts'
export { DEFECTS, type Defect } from './malformed.ts'
export * from './moves.ts'
export { isMarked, MARKED, MARKERS } from './names.ts'
export { Rng } from './random.ts'
export { type MoveMade, type RandomMoveOptions, randomMove } from './random-move.ts'
export type { Category, Person, Registration } from './registration.ts'
export { type Haku, type HakuOptions, startHaku } from './server.ts'
export { defaultTraits, type Quota, type Traits } from './traits.ts'
export type { TrueCategory, TrueEvent, TrueRegistration } from './truth.ts'
export {
  type EventOptions,
  type Organization,
  type OrganizationOptions,
  type RaceEvent,
  type World,
  type WorldOptions,
  world,
} from './world.ts'
