/** How the page looks and whether it may be heard; remembered on this device. */
type Theme = 'dark' | 'night' | 'light'
const NEXT: Record<Theme, Theme> = { dark: 'night', night: 'light', light: 'dark' }
const THEME = 'kestrel.watch.theme'
const SOUND = 'kestrel.watch.sound'
const GROUND: Record<Theme, string> = { dark: '#090d12', night: '#050201', light: '#e9edf1' }

class Look {
  theme = $state<Theme>(known(localStorage.getItem(THEME)))
  sound = $state(localStorage.getItem(SOUND) !== 'off')
  #context: AudioContext | null = null

  constructor() {
    this.#apply()
  }

  cycle(): void {
    this.theme = NEXT[this.theme]
    localStorage.setItem(THEME, this.theme)
    this.#apply()
  }

  toggleSound(): void {
    this.sound = !this.sound
    localStorage.setItem(SOUND, this.sound ? 'on' : 'off')
    if (this.sound) this.say('Sound on', [660])
  }

  /** Tones, and the words where the device can speak: whoever drives does not read. */
  say(words: string, hertz: readonly number[]): void {
    if (!this.sound || !navigator.userActivation.hasBeenActive) return
    try {
      const context = (this.#context ??= new AudioContext())
      hertz.forEach((frequency, i) => {
        const at = context.currentTime + i * 0.18
        const [tone, volume] = [context.createOscillator(), context.createGain()]
        tone.frequency.value = frequency
        volume.gain.setValueAtTime(0, at)
        volume.gain.linearRampToValueAtTime(0.15, at + 0.02)
        volume.gain.linearRampToValueAtTime(0, at + 0.16)
        tone.connect(volume).connect(context.destination)
        tone.start(at)
        tone.stop(at + 0.17)
      })
      if ('speechSynthesis' in globalThis) {
        const speech = new SpeechSynthesisUtterance(words)
        speech.lang = 'en-GB'
        speechSynthesis.speak(speech)
      }
    } catch {
      // A device without sound still shows everything.
    }
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
