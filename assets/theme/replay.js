// Replay of a run's key frames, wholly in the browser: one sprite, one row a victim, first column the truth.
// At most two frames a second, started only by a press; with reduced motion the press moves one frame.

const FRAME_MS = 500

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".replay")
  if (root.dataset.drawn === data.id) return root.cleanup
  root.dataset.drawn = data.id
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  const slider = root.querySelector("input")
  const button = root.querySelector("button")
  const told = root.querySelector("output")
  const people = root.querySelector(".people")
  const sprite = new Image()
  let timer = null

  people.replaceChildren(...data.victims.map(figure))
  slider.max = data.frames.length - 1
  slider.value = slider.max
  slider.oninput = () => { stop(); show() }
  button.onclick = still ? () => { slider.value = (+slider.value + 1) % data.frames.length; show() } : toggle
  label()
  sprite.onload = show
  sprite.src = data.sprite

  function figure(name) {
    const box = document.createElement("figure")
    for (const role of ["truth", "attacker"]) {
      const canvas = document.createElement("canvas")
      canvas.width = canvas.height = data.side * 3
      canvas.className = role
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", role === "truth" ? `${name}, the truth` : `${name}, as recovered at this step`)
      box.append(canvas)
    }
    const caption = document.createElement("figcaption")
    caption.textContent = name
    box.append(caption)
    return box
  }

  function show() {
    const frame = data.frames[+slider.value]
    const words = `step ${frame.step.toLocaleString("en")} of ${data.total.toLocaleString("en")}, loss ${frame.loss}`
    told.textContent = words
    slider.setAttribute("aria-valuetext", words)
    people.querySelectorAll("figure").forEach((box, row) => {
      draw(box.children[0], 0, row)
      draw(box.children[1], +slider.value + 1, row)
    })
  }

  function draw(canvas, column, row) {
    const pen = canvas.getContext("2d")
    pen.imageSmoothingEnabled = false
    pen.drawImage(sprite, column * data.side, row * data.side, data.side, data.side, 0, 0, canvas.width, canvas.height)
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
    button.textContent = still ? "Next frame" : timer ? "Pause" : "Play"
  }

  root.cleanup = () => clearInterval(timer)
  return root.cleanup
}
