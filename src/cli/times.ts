export * from '../domain/time-texts.ts'
