/** Short tones made on the spot; a browser lets them be heard once somebody has pressed something. */
const KEY = 'kestrel.sound'

class Sound {
  on = $state(localStorage.getItem(KEY) !== 'off')
  #context: AudioContext | null = null

  toggle(): void {
    this.on = !this.on
    localStorage.setItem(KEY, this.on ? 'on' : 'off')
    if (this.on) this.#tones([660])
  }

  /** The graver, the more tones. */
  incident(rank: number): void {
    this.#tones(rank <= 1 ? [660, 880, 660] : [660, 880])
  }

  alarm(priority: number): void {
    this.#tones(priority === 1 ? [990, 740, 990, 740, 990] : [740, 990])
  }

  /** Somebody is asked something that ends by itself. */
  question(): void {
    this.#tones([550, 550, 830])
  }

  #tones(hertz: readonly number[]): void {
    if (!this.on || !navigator.userActivation.hasBeenActive) return
    try {
      const context = (this.#context ??= new AudioContext())
      hertz.forEach((frequency, i) => {
        const at = context.currentTime + i * 0.16
        const [tone, volume] = [context.createOscillator(), context.createGain()]
        tone.frequency.value = frequency
        volume.gain.setValueAtTime(0, at)
        volume.gain.linearRampToValueAtTime(0.12, at + 0.015)
        volume.gain.linearRampToValueAtTime(0, at + 0.14)
        tone.connect(volume).connect(context.destination)
        tone.start(at)
        tone.stop(at + 0.15)
      })
    } catch {
      // A machine without sound still shows everything.
    }
  }
}

export const sound = new Sound()
