/** How the page looks and whether it may be heard; remembered on this device. */
import { heard, hearing, pressed, type Heard } from '../lib/hearing.svelte.ts'
import { Tones } from '../lib/tones.ts'

type Theme = 'dark' | 'night' | 'light'
const NEXT: Record<Theme, Theme> = { dark: 'night', night: 'light', light: 'dark' }
const THEME = 'kestrel.watch.theme'
const SOUND = 'kestrel.watch.sound'
const GROUND: Record<Theme, string> = { dark: '#090d12', night: '#050201', light: '#e9edf1' }
/** Loud enough for a car. */
const tones = new Tones({ eachS: 0.16, loud: 0.15 })

class Look {
  theme = $state<Theme>(known(localStorage.getItem(THEME)))
  sound = $state(localStorage.getItem(SOUND) !== 'off')

  constructor() {
    this.#apply()
  }

  cycle(): void {
    this.theme = NEXT[this.theme]
    localStorage.setItem(THEME, this.theme)
    this.#apply()
  }

  /** What can be heard, in truth. */
  get heard(): Heard {
    return heard(this.sound, hearing.allowed)
  }

  toggleSound(): void {
    this.sound = pressed(this.sound, hearing.justAllowed)
    localStorage.setItem(SOUND, this.sound ? 'on' : 'off')
    if (this.sound) this.say('Sound on', [660])
  }

  /** Tones, and the words where the device can speak: whoever drives does not read. */
  say(words: string, hertz: readonly number[]): void {
    if (this.heard !== 'on') return
    tones.play(hertz)
    if (!('speechSynthesis' in globalThis)) return
    const speech = new SpeechSynthesisUtterance(words)
    speech.lang = 'en-GB'
    speechSynthesis.speak(speech)
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.theme
    document.querySelector('meta[name=theme-color]')?.setAttribute('content', GROUND[this.theme])
  }
}

function known(name: string | null): Theme {
  return name === 'night' || name === 'light' ? name : 'dark'
}

export const look = new Look()
