/**
 * The typed client of `/api/v1`. A press has an Idempotency-Key of its own, so that trying again is never doing twice:
 * what was not answered is tried until it is answered or has expired, and then it says that it was not delivered.
 */
import { backoffMs } from '../backoff.ts'
import { session } from '../session.svelte.ts'
import type { Problem } from './types.ts'

export class Refused extends Error {
  readonly status: number
  readonly slug: string
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.status = problem.status
    this.slug = problem.type.replace('/problems/', '')
    this.problem = problem
  }
}

export class NotDelivered extends Error {
  constructor() {
    super('not delivered: no answer from the dispatcher')
  }
}

export interface PressOptions {
  /** One for each press; the same press again is the same thing. */
  key?: string
  /** Tried until then when nobody answers; without it, once. */
  forMs?: number
  onAttempt?: (attempt: number) => void
  signal?: AbortSignal
}

const ATTEMPT_MS = 5_000
const TRY_AGAIN = new Set([429, 502, 503, 504])

/** A sign-in that has ended is no answer to a press: it waits for the renewal as for a line that is down. */
function mayTryAgain(status: number): boolean {
  return TRY_AGAIN.has(status) || (status === 401 && session.person !== null)
}

export function newKey(): string {
  return crypto.randomUUID()
}

async function once(method: string, path: string, body: unknown, key: string | undefined, signal: AbortSignal | undefined): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (session.token !== null) headers.Authorization = `Bearer ${session.token}`
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (key !== undefined) headers['Idempotency-Key'] = key
  const limit = AbortSignal.timeout(ATTEMPT_MS)
  const answer = await fetch(`/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
    cache: 'no-store',
    credentials: 'omit',
  })
  session.serverSaid(answer.headers.get('date'))
  return answer
}

async function read<T>(answer: Response): Promise<T> {
  const text = await answer.text()
  let value: unknown
  try {
    value = text === '' ? {} : JSON.parse(text)
  } catch {
    value = { type: 'about:blank', title: answer.statusText, status: answer.status, detail: text.slice(0, 200) }
  }
  if (!answer.ok) {
    const problem = value as Partial<Problem>
    throw new Refused({
      type: problem.type ?? 'about:blank',
      title: problem.title ?? answer.statusText,
      detail: problem.detail ?? '',
      ...problem,
      status: answer.status,
    })
  }
  return value as T
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  try {
    return await read<T>(await once('GET', path, undefined, undefined, signal))
  } catch (error) {
    if (error instanceof Refused || signal?.aborted) throw error
    throw new NotDelivered()
  }
}

export async function send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown, options: PressOptions = {}): Promise<T> {
  const until = performance.now() + (options.forMs ?? 0)
  const by = session.person?.id
  for (let attempt = 0; ; attempt++) {
    // What one person pressed is never sent in the name of another who has signed in meanwhile.
    if (session.person?.id !== by) throw new NotDelivered()
    options.onAttempt?.(attempt)
    try {
      const answer = await once(method, path, body, options.key, options.signal)
      if (mayTryAgain(answer.status) && performance.now() < until) {
        await pause(Math.max(retryAfterMs(answer), backoffMs(attempt, Math.random)))
        continue
      }
      return await read<T>(answer)
    } catch (error) {
      if (error instanceof Refused) throw error
      const wait = backoffMs(attempt, Math.random)
      if (options.signal?.aborted || performance.now() + wait >= until) throw new NotDelivered()
      await pause(wait)
    }
  }
}

function retryAfterMs(answer: Response): number {
  const seconds = Number(answer.headers.get('retry-after'))
  return Number.isFinite(seconds) ? Math.min(seconds, 5) * 1000 : 0
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
