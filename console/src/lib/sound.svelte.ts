/** What the control room hears, and whether; remembered on this machine. */
import { heard, hearing, pressed, type Heard } from './hearing.svelte.ts'
import { Tones } from './tones.ts'

const KEY = 'kestrel.sound'
const tones = new Tones({ eachS: 0.14, loud: 0.12 })

class Sound {
  on = $state(localStorage.getItem(KEY) !== 'off')

  /** What can be heard, in truth. */
  get heard(): Heard {
    return heard(this.on, hearing.allowed)
  }

  toggle(): void {
    this.on = pressed(this.on, hearing.justAllowed)
    localStorage.setItem(KEY, this.on ? 'on' : 'off')
    if (this.on) this.#tones([660])
  }

  /** The graver, the more tones; by its rank in the policy, 0 is the gravest. */
  incident(rank: number): void {
    this.#tones(rank <= 0 ? [660, 880, 660] : [660, 880])
  }

  alarm(priority: number): void {
    this.#tones(priority === 1 ? [990, 740, 990, 740, 990] : [740, 990])
  }

  /** Somebody is asked something that ends by itself. */
  question(): void {
    this.#tones([550, 550, 830])
  }

  #tones(hertz: readonly number[]): void {
    if (this.on) tones.play(hertz)
  }
}

export const sound = new Sound()
