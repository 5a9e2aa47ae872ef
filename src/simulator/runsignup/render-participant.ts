import type { Json, JsonObject } from '../../domain/json.ts'
import { isTrue } from './query.ts'
import type { Race, RaceEvent } from './records.ts'
import type { Registration, Removal, Runner } from './registration.ts'
import { ageOn, dashTime, dayAt, EASTERN, slashTime } from './times.ts'
import type { Traits } from './traits.ts'

/** What a row's spelling depends on besides the registration. */
export interface Place {
  traits: Traits
  race: Race
  event: RaceEvent
  query: URLSearchParams
}

/** `$1,234.50` */
function money(amount: string): string {
  const [whole = '0', cents = '00'] = amount.split('.')
  return `$${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${cents}`
}

/** A stamp as the provider keeps it: whole seconds since the epoch, cut to the traits' step. `ms`: epoch. */
export function seconds(ms: number, { stampStep }: Pick<Traits, 'stampStep'>): number {
  return Math.floor(ms / 1000 / stampStep) * stampStep
}

/** Whole years on race day in the race's zone, as stated where there is no birth date. */
export function ageOf(
  { runner, statedAge, registeredAt }: Registration,
  race: Race,
  event: RaceEvent,
): number {
  return runner.dob === null
    ? statedAge
    : ageOn(runner.dob, dayAt(event.startsAt ?? registeredAt, race.timezone))
}

function genderOf({ gender }: Runner, { query, traits }: Place): Json {
  if (gender !== 'X' || isTrue(query, 'supports_nb')) return gender
  if (traits.genderX === 'null') return null
  return traits.genderX === 'empty' ? '' : traits.genderX
}

function bibOf({ bib }: Registration, { traits }: Place): Json {
  return bib !== null && traits.bib === 'number' && /^[1-9]\d*$/.test(bib) ? Number(bib) : bib
}

function renderUser(runner: Runner, place: Place): JsonObject {
  const { countryCode, ...address } = runner.address
  return {
    user_id: runner.userId,
    first_name: runner.firstName,
    middle_name: runner.middleName,
    last_name: runner.lastName,
    email: runner.email,
    address: { ...address, country_code: countryCode },
    dob: runner.dob,
    gender: genderOf(runner, place),
    phone: runner.phone,
    profile_image_url: null,
  }
}

/** What rows of participants and of removed ones have in common, but for their stamps. */
function renderCommon(registration: Registration, place: Place): JsonObject {
  const { team } = registration
  return {
    user: renderUser(registration.runner, place),
    registration_id: Number(registration.id),
    event_id: Number(place.event.id),
    rsu_transaction_id: registration.transactionId,
    transaction_id: `ay_${registration.transactionId}_0`,
    bib_num: bibOf(registration, place),
    chip_num: registration.chip,
    age: ageOf(registration, place.race, place.event),
    team_id: team?.id ?? null,
    team_name: team?.name ?? null,
    team_type_id: team === null ? null : 1,
    team_type: team?.type ?? null,
    team_gender: team?.gender ?? null,
    team_bib_num: team?.bib ?? null,
    imported: registration.imported ? 'T' : 'F',
    race_fee: money(registration.amount),
    offline_payment_amount: money('0.00'),
    processing_fee: money('2.75'),
    processing_fee_paid_by_user: money('2.75'),
    processing_fee_paid_by_race: money('0.00'),
    partner_fee: money('0.00'),
    affiliate_profit: money('0.00'),
    extra_fees: money('0.00'),
    amount_paid: money(registration.amount),
    usatf_discount_amount_in_cents: null,
    usatf_discount_additional_field: null,
    giveaway: registration.giveaway,
    giveaway_option_id: registration.giveaway === null ? null : 40,
    fundraiser_id: null,
    fundraiser_charity_id: null,
    fundraiser_charity_name: null,
    team_fundraiser_id: null,
    multi_race_bundle_id: null,
    multi_race_bundle: null,
  }
}

/** The parts of a row that come only when they are asked for. */
function renderExtras(registration: Registration, { query, traits }: Place): JsonObject {
  const { corral, emergency, checkedInAt, addOns } = registration
  const asked = (name: string, extra: () => JsonObject): JsonObject => (isTrue(query, name) ? extra() : {})
  const corralFields = { corral_id: corral?.id ?? null, corral_name: corral?.name ?? null }
  return {
    ...asked('include_questions', () => ({
      question_responses: [
        { question_id: 1, question_text: 'Emergency Contact Name', response: emergency.name },
        { question_id: 2, question_text: 'Emergency Contact Phone', response: emergency.phone },
        { question_id: 3, question_text: 'Which of our races have you run?', responses: ['2024', '2025'] },
      ],
    })),
    ...asked('include_corrals', () =>
      traits.corral === 'fields' ? corralFields : { corral: corral && corralFields },
    ),
    ...asked('include_checkin_data', () => ({
      checkin_data: {
        checked_in: checkedInAt === null ? 'F' : 'T',
        checkin_ts: checkedInAt === null ? null : seconds(checkedInAt, traits),
      },
    })),
    ...asked('include_registration_addons', () => ({
      participant_addons: addOns.map(({ id, name, quantity, amount }) => ({
        addon_id: id,
        addon_name: name,
        quantity,
        amount: money(amount),
      })),
    })),
  }
}

/** A row of the participants (RunSignUp API notes 2.4). */
export function renderRow(registration: Registration, place: Place): JsonObject {
  return {
    ...renderCommon(registration, place),
    registration_date: slashTime(registration.registeredAt, EASTERN),
    last_modified: seconds(registration.modifiedAt, place.traits),
    ...renderExtras(registration, place),
  }
}

/** The made-up row that comes with `include_template_participant`. */
export function renderTemplate(place: Place): JsonObject {
  return {
    user: { user_id: -1, first_name: 'First', middle_name: null, last_name: 'Last', email: null },
    registration_id: -1,
    event_id: Number(place.event.id),
    bib_num: null,
    chip_num: null,
    age: 30,
    registration_date: '1/1/2000 00:00',
    last_modified: 0,
  }
}

/** A row of the removed (RunSignUp API notes 2.5): stamps as text, ids and reason alone when condensed. */
export function renderRemoval({ registration, reason, at, newId }: Removal, place: Place): JsonObject {
  const reasons = {
    removed_reason: reason,
    ...(reason === 'transferred' && { new_registration_id: newId === null ? null : Number(newId) }),
  }
  if (isTrue(place.query, 'condensed_format')) return { registration_id: Number(registration.id), ...reasons }
  const stamp = seconds(at, place.traits)
  return {
    ...renderCommon(registration, place),
    registration_date: dashTime(registration.registeredAt, EASTERN),
    last_modified: dashTime(stamp * 1000, EASTERN),
    last_modified_ts: stamp,
    ...reasons,
  }
}
