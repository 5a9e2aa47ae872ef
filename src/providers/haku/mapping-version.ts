export { FINGERPRINT_FORM } from '../../domain/fingerprint.ts'

/** Raised whenever `mapParticipant` gives another row for the same raw halves (F5). */
export const MAPPING_VERSION = 3
