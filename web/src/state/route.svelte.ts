import { type Route, routeOf } from '../view/route.ts'

/** Where the person is: the part of the address behind #. */
class Place {
  hash = $state(location.hash)
  readonly route: Route = $derived(routeOf(this.hash))

  constructor() {
    addEventListener('hashchange', () => {
      this.hash = location.hash
    })
  }

  go(hash: string): void {
    location.hash = hash
  }

  /** Another address without a step in the history: what a filter does. */
  replace(hash: string): void {
    history.replaceState(null, '', hash)
    this.hash = hash
  }
}

export const place = new Place()
