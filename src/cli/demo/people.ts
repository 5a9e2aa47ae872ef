import type { Person, Rng } from '../../simulator/index.ts'

const FIRST =
  'Jane Omar Lucía Priya Sven Mei Tomás Aisha Noah Ingrid Kofi Zoë Mateo Hana Liam Søren Nadia Ravi Chloé Diego Yuki Amara Felix Leilani Pavel Ruth Idris Elena Kai Marta'.split(
    ' ',
  )
const LAST =
  'Doe Haddad Moreno Patel Lindqvist Chen Novák Bello Carter Dahl Mensah Fischer Rossi Tanaka Walsh Jensen Petrov Iyer Laurent Ortega Sato Okafor Brandt Kealoha Horák Stein Rahman Popescu Makoa Wójcik'.split(
    ' ',
  )

/** Somebody who does not exist, with a name that reads well in a feed. What is not named here, the simulator invents. */
export function somebody(rng: Rng): Pick<Person, 'firstName' | 'lastName' | 'middleInitial' | 'email'> {
  const firstName = rng.pick(FIRST)
  const lastName = rng.pick(LAST)
  const mailbox = `${firstName}.${lastName}`.normalize('NFD').replaceAll(/[^A-Za-z.]/g, '')
  return { firstName, lastName, middleInitial: null, email: `${mailbox.toLowerCase()}@example.com` }
}
