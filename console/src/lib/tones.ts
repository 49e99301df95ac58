/** Short tones made on the spot; a browser lets them be heard once somebody has pressed something. */
export class Tones {
  readonly #eachS: number
  readonly #loud: number
  #context: AudioContext | null = null

  /** Each tone lasts so long, with a breath before the next; `loud` is a share of full volume. */
  constructor({ eachS, loud }: { eachS: number; loud: number }) {
    this.#eachS = eachS
    this.#loud = loud
  }

  play(hertz: readonly number[]): void {
    if (!navigator.userActivation.hasBeenActive) return
    try {
      const context = (this.#context ??= new AudioContext())
      hertz.forEach((frequency, i) => {
        const at = context.currentTime + i * (this.#eachS + 0.02)
        const [tone, volume] = [context.createOscillator(), context.createGain()]
        tone.frequency.value = frequency
        volume.gain.setValueAtTime(0, at)
        volume.gain.linearRampToValueAtTime(this.#loud, at + 0.015)
        volume.gain.linearRampToValueAtTime(0, at + this.#eachS)
        tone.connect(volume).connect(context.destination)
        tone.start(at)
        tone.stop(at + this.#eachS + 0.01)
      })
    } catch {
      // A device without sound still shows everything.
    }
  }
}
