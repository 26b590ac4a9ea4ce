// The same people under every defence: one sprite a defence, one slider for all of them, wholly in the browser.

const FRAME_MS = 600

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".strips")
  if (root.dataset.drawn === data.id) return root.cleanup
  root.dataset.drawn = data.id
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  const slider = root.querySelector("input")
  const button = root.querySelector("button")
  const told = root.querySelector("output")
  const columns = data.strips.map(column)
  let timer = null

  root.querySelector(".grid").replaceChildren(...columns.map((one) => one.box))
  slider.max = data.moments.length - 1
  slider.value = slider.max
  slider.oninput = () => { stop(); show() }
  button.onclick = still ? () => { slider.value = (+slider.value + 1) % data.moments.length; show() } : toggle
  label()
  show()

  function column(strip) {
    const box = document.createElement("figure")
    const caption = document.createElement("figcaption")
    caption.textContent = strip.label
    box.append(caption)
    const faces = data.people.map((name) => {
      const face = document.createElement("canvas")
      face.width = face.height = data.side * 2
      face.className = strip.role
      face.setAttribute("role", "img")
      face.setAttribute("aria-label", `${name}: ${strip.label}`)
      box.append(face)
      return face
    })
    const sprite = new Image()
    sprite.onload = () => draw({ strip, faces, sprite })
    sprite.src = strip.sprite
    return { box, strip, faces, sprite }
  }

  function draw({ strip, faces, sprite }) {
    if (!sprite.complete || !sprite.naturalWidth) return
    const moment = Math.min(+slider.value, strip.moments - 1)
    faces.forEach((face, person) => {
      const pen = face.getContext("2d")
      pen.imageSmoothingEnabled = false
      pen.drawImage(sprite, moment * data.side, person * data.side, data.side, data.side, 0, 0, face.width, face.height)
    })
  }

  function show() {
    told.textContent = data.moments[+slider.value]
    slider.setAttribute("aria-valuetext", told.textContent)
    columns.forEach(draw)
  }

  function toggle() {
    if (timer) return stop()
    if (+slider.value === +slider.max) slider.value = 0
    timer = setInterval(() => {
      if (+slider.value === +slider.max) return stop()
      slider.value = +slider.value + 1
      show()
    }, FRAME_MS)
    show()
    label()
  }

  function stop() {
    clearInterval(timer)
    timer = null
    label()
  }

  function label() {
    button.textContent = still ? "Next step" : timer ? "Pause" : "Play"
  }

  root.cleanup = () => clearInterval(timer)
  return root.cleanup
}
