import { START_LISTS } from './freezes.ts'
import { LIST_PARTICIPANTS } from './lists.ts'

/** Views of registrations that tell a race's number as well, for a database that was made before they did. */
export const listNumbers: readonly string[] = [
  LIST_PARTICIPANTS,
  START_LISTS,
  // A view that is made anew asks with its owner's rights, until it is told again.
  ...['list_participants', 'start_lists'].map(
    (view) => `ALTER VIEW startlist.${view} SET (security_invoker = true)`,
  ),
]
