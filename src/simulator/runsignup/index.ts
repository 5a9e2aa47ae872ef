/** The simulated RunSignUp: a real HTTP server with a seeded world that moves. For tests and the demo. */
export * from './moves.ts'
export * from './race-moves.ts'
export { randomMove } from './random-move.ts'
export type { Account, ApiKey, Race, RaceEvent } from './records.ts'
export { type RunSignUp, type RunSignUpOptions, startRunSignUp } from './server.ts'
export type { TrueEvent } from './truth.ts'
export { type World, type WorldOptions, world } from './world.ts'
