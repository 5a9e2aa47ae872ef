import { spawn } from 'node:child_process'

/** Whoever started this process as a service and watches over it: systemd, or nobody. */
export interface ServiceManager {
  /** How often {@link alive} is expected at least, ms; null where nobody watches. */
  readonly watchdogMs: number | null
  /** The service does its work from now on. @param status one line for people; no secret, no name */
  ready(status: string): void
  /** It still does. */
  alive(): void
  /** It ends by its own will. */
  stopping(): void
}

/** Sends notifications; none ever fails the service. */
type Send = (...assignments: string[]) => void

/**
 * systemd's readiness and watchdog protocol. Without `NOTIFY_SOCKET` every call does nothing. The message is sent by
 * `systemd-notify`, for Node cannot write to a datagram socket; the unit has to say `NotifyAccess=all`.
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
 */
export function serviceManager(env: NodeJS.ProcessEnv = process.env, send?: Send): ServiceManager {
  const tell = send ?? (env.NOTIFY_SOCKET ? bySystemdNotify(env) : () => {})
  return {
    watchdogMs: watchdogMs(env),
    ready: (status) => tell('READY=1', `STATUS=${status}`),
    alive: () => tell('WATCHDOG=1'),
    stopping: () => tell('STOPPING=1', 'STATUS=the page under way finishes'),
  }
}

/** `WATCHDOG_USEC`, unless it is meant for another process. */
function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | null {
  if (!WATCHDOG_USEC || (WATCHDOG_PID && Number(WATCHDOG_PID) !== process.pid)) return null
  const ms = Number(WATCHDOG_USEC) / 1_000
  return ms > 0 ? ms : null
}

function bySystemdNotify({ PATH, NOTIFY_SOCKET }: NodeJS.ProcessEnv): Send {
  return (...assignments) => {
    const child = spawn('systemd-notify', assignments, { env: { PATH, NOTIFY_SOCKET }, stdio: 'ignore' })
    // Without the tool systemd restarts the service, and its journal says why; there is nobody else to tell.
    child.on('error', () => {})
    child.unref()
  }
}
