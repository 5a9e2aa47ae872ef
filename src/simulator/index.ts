/** The simulated Haku: a real HTTP server with a seeded world that moves. For tests and the demo. */
export type { Endpoint } from './call-log.ts'
export * from './event-moves.ts'
export type { Fault } from './faults.ts'
export type { EventDateForm } from './instants.ts'
export { type InventoryCredential, inventory } from './inventory.ts'
export { DEFECTS, type Defect } from './malformed.ts'
export * from './moves.ts'
export { isMarked, MARKED } from './names.ts'
export { Rng } from './random.ts'
export { randomMove } from './random-move.ts'
export { readRecording } from './recording.ts'
export type { Person } from './registration.ts'
export { type Haku, type HakuOptions, startHaku } from './server.ts'
export { defaultTraits, type Traits } from './traits.ts'
export type { TrueEvent, TrueRegistration } from './truth.ts'
export {
  type EventOptions,
  type Organization,
  type RaceEvent,
  type World,
  type WorldOptions,
  world,
} from './world.ts'
