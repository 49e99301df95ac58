/** The elements of markers, made without any markup text: a name is always text. */
const SVG = 'http://www.w3.org/2000/svg'

function svg(size: number, box: string, ...paths: { d: string; attributes: Record<string, string> }[]): SVGSVGElement {
  const drawing = document.createElementNS(SVG, 'svg')
  drawing.setAttribute('viewBox', box)
  drawing.setAttribute('width', String(size))
  drawing.setAttribute('height', String(size))
  drawing.setAttribute('aria-hidden', 'true')
  for (const { d, attributes } of paths) {
    const path = document.createElementNS(SVG, 'path')
    path.setAttribute('d', d)
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value)
    drawing.append(path)
  }
  return drawing
}

function button(className: string, press: () => void): HTMLButtonElement {
  const element = document.createElement('button')
  element.type = 'button'
  element.className = className
  element.addEventListener('click', (event) => {
    event.stopPropagation()
    press()
  })
  return element
}

function name(): HTMLSpanElement {
  const label = document.createElement('span')
  label.className = 'mark-name'
  return label
}

/** An arrow that points where the drone heads, outlined so that it stands out on any ground. */
export function droneMarker(press: () => void): HTMLElement {
  const element = button('mark-drone', press)
  const arrow = svg(34, '0 0 34 34', {
    d: 'M17 3 27 29 17 23.5 7 29z',
    attributes: { fill: 'currentColor', stroke: 'var(--bg)', 'stroke-width': '1.5', 'stroke-linejoin': 'round' },
  })
  arrow.classList.add('arrow')
  element.append(arrow, name())
  return element
}

/** A box with its lid, and the wind that blows over it. */
export function dockMarker(press: () => void): HTMLElement {
  const element = button('mark-dock', press)
  const wind = svg(44, '-22 -22 44 44', { d: 'M0-22 3.5-15 0-17-3.5-15z', attributes: { fill: 'var(--ink-2)' } })
  wind.classList.add('wind')
  element.append(
    svg(18, '0 0 18 18', {
      d: 'M2 7h14M4 7v8h10V7M4 7l2-4h6l2 4',
      attributes: { fill: 'none', stroke: 'currentColor', 'stroke-width': '1.8', 'stroke-linejoin': 'round' },
    }),
    wind,
    name(),
  )
  return element
}

export function incidentMarker(): HTMLElement {
  const element = document.createElement('div')
  element.className = 'mark-incident'
  return element
}
