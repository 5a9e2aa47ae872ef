import type { Command as Commander } from 'commander'
import { examples, type Run } from './program.ts'

/** What startlist tells people without being asked. */
export function addAlerts(program: Commander, run: Run): void {
  const alerts = program
    .command('alerts')
    .description('what a person should look at; `run` tells it by itself')
  examples(alerts, [
    ['startlist alerts', 'those that are open'],
    ['startlist alerts test', 'does a message reach you?'],
    ['startlist alerts check', 'from cron, where no run watches; exit 3 while one is open'],
  ])
  alerts
    .command('list', { isDefault: true })
    .description('those that are open')
    .option('--all', 'the last that are over as well')
    .action((options: { all?: boolean }) => run(async () => (await import('./alerts.ts')).list, options))
  alerts
    .command('check')
    .description('look at everything now, and deliver')
    .action((options: object) => run(async () => (await import('./alerts.ts')).check, options))
  alerts
    .command('test')
    .description('send a message by each channel')
    .action((options: object) => run(async () => (await import('./alerts.ts')).test, options))
}
