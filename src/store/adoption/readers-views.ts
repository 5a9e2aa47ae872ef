import type { Step } from '../migrations/index.ts'
import { type Statement, statement } from '../steps/unit.ts'
import { dropViews, furnish, identifier, isMadeAnew, type SavedView } from './views.ts'

/**
 * `unified_participants` and `unified_events` become startlist's. What legacy readers had of them
 * stays: the columns, the grants, and the rows of providers that startlist does not know, which come from the legacy
 * definition, kept beside it.
 */

const before = (view: SavedView): string => `startlist.${view.name.replace('public.', '')}_before`

/** Whether a step makes these views, or makes them again. */
export const makesReadersViews = ({ statements }: Step): boolean =>
  statements.some((text) => /\bVIEW unified_(participants|events)\b/.test(text))

/**
 * The statements of a numbered step. Views of somebody else that it makes anew go and come back in its own transaction.
 * @param views that stand there and are not startlist's yet
 */
export function withReadersViews(step: Step, views: readonly SavedView[]): Statement[] {
  const own = step.statements.map((text) => statement(text))
  if (!makesReadersViews(step)) return own
  const anew = views.filter(({ name }) => isMadeAnew(name))
  return [
    ...anew.filter(({ hasOthers }) => hasOthers).flatMap(keepDefinition),
    ...dropViews(anew),
    ...own,
    statement(UNITE),
    ...anew.flatMap(openToReaders),
  ]
}

/** Its owner's rights are the ones that it reads with: they may be less than startlist's views need. */
function keepDefinition(view: SavedView): Statement[] {
  return [
    statement(`CREATE VIEW ${before(view)} AS ${view.definition}`),
    statement(`ALTER VIEW ${before(view)} OWNER TO ${identifier(view.owner)}`),
    statement(`GRANT SELECT ON ${before(view)} TO CURRENT_USER`),
  ]
}

/** Whoever had rights on the view has them again; its owner all of them, though it is startlist's now. */
function openToReaders(view: SavedView): Statement[] {
  const owner = statement(`GRANT ALL ON ${view.name} TO ${identifier(view.owner)} WITH GRANT OPTION`)
  return [owner, ...furnish(view)]
}

/** Adds the other providers' rows to a view that does not have them yet. The planner drops the branches it leaves out. */
const UNITE = `DO $$
  DECLARE
    one text;
    kept regclass;
    list text;
  BEGIN
    FOREACH one IN ARRAY ARRAY['unified_participants', 'unified_events'] LOOP
      kept := to_regclass(format('startlist.%I', one || '_before'));
      CONTINUE WHEN kept IS NULL OR EXISTS (
        SELECT FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        WHERE r.ev_class = one::regclass AND d.refobjid = kept);
      SELECT string_agg(CASE WHEN k.attname IS NULL THEN 'NULL'
          ELSE format('%I::%s', a.attname, format_type(a.atttypid, a.atttypmod)) END, ', ' ORDER BY a.attnum)
        INTO list
        FROM pg_attribute a LEFT JOIN pg_attribute k ON k.attrelid = kept AND k.attname = a.attname
        WHERE a.attrelid = one::regclass AND a.attnum > 0;
      EXECUTE format('CREATE OR REPLACE VIEW %I AS %s UNION ALL SELECT %s FROM %s
        WHERE lower(source_provider) NOT IN (''haku'', ''runsignup'')',
        one, rtrim(pg_get_viewdef(one::regclass), ';'), list, kept);
    END LOOP;
  END $$`
