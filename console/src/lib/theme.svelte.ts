/** Dark unless somebody wants it light; remembered on this machine. */
const KEY = 'kestrel.theme'

class Theme {
  name = $state<'dark' | 'light'>(localStorage.getItem(KEY) === 'light' ? 'light' : 'dark')

  constructor() {
    this.#apply()
  }

  toggle(): void {
    this.name = this.name === 'dark' ? 'light' : 'dark'
    localStorage.setItem(KEY, this.name)
    this.#apply()
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.name
  }
}

export const theme = new Theme()
