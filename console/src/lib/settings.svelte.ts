/** What the server says before anybody signs in: deployment, force, base map. */
import { get } from './api/client.ts'
import type { ClientSettings, Deployment } from './api/types.ts'
import { live } from './live/store.svelte.ts'

class Settings {
  known = $state.raw<ClientSettings | null>(null)
  mode = $derived<Deployment>(live.world.deployment === 'unknown' ? (this.known?.deployment ?? 'unknown') : live.world.deployment)
  force = $derived(this.known?.force ?? '')

  async load(): Promise<void> {
    try {
      this.known = await get<ClientSettings>('/client')
    } catch {
      // The live socket tells the deployment too; the base map falls back to the one that comes along.
    }
  }
}

export const settings = new Settings()
