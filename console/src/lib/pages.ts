/** Pages that are not there at first: fetched while all is well, so that they open when nothing answers any more. */
import type { Component } from 'svelte'
import type { Page } from './route.svelte.ts'

type Loaded<Props extends Record<string, unknown>> = Promise<{ default: Component<Props> }>

/** A page is fetched once; one that did not come is fetched again when it is asked for again. */
export function kept<T>(fetchIt: () => Promise<T>): () => Promise<T> {
  let coming: Promise<T> | null = null
  return () => {
    coming ??= fetchIt().catch((error: unknown) => {
      coming = null
      throw error
    })
    return coming
  }
}

export const fleet: () => Loaded<Record<string, never>> = kept(() => import('../screens/Fleet.svelte'))
export const duty: () => Loaded<Record<string, never>> = kept(() => import('../screens/Duty.svelte'))
export const replay: () => Loaded<{ flightId: string }> = kept(() => import('../screens/Replay.svelte'))

/** Fetch all of them; what does not come now is asked for again when somebody goes there. */
export async function fetchAhead(): Promise<void> {
  await Promise.allSettled([fleet(), duty(), replay()])
}

export const NAMES: Record<Page, string> = { control: 'The control room', docks: 'The fleet', duty: 'Duty', flight: 'The record of the flight', none: 'This page' }
