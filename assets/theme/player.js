// Pictures over time, wholly in the browser: a button, a slider and words over a number of moments.
// The file put after this one defines `scene(place, data, at)`: it fills `place` and returns how many moments there
// are, how long each stays, what the button says with reduced motion, and how to draw and to tell the moment `at()`.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".player")
  if (root.dataset.drawn === data.id) return root.cleanup
  root.dataset.drawn = data.id
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  const slider = root.querySelector("input")
  const button = root.querySelector("button")
  const words = root.querySelector("output")
  const shown = scene(root.querySelector(".scene"), data, () => +slider.value)
  let timer = null

  slider.max = shown.moments - 1
  slider.value = slider.max
  slider.oninput = () => { stop(); show() }
  button.onclick = still ? () => { slider.value = (+slider.value + 1) % shown.moments; show() } : toggle
  label()
  show()

  function show() {
    words.textContent = shown.told()
    slider.setAttribute("aria-valuetext", words.textContent)
    shown.draw()
  }

  function toggle() {
    if (timer) return stop()
    if (+slider.value === +slider.max) slider.value = 0
    timer = setInterval(() => {
      if (+slider.value === +slider.max) return stop()
      slider.value = +slider.value + 1
      show()
    }, shown.milliseconds)
    show()
    label()
  }

  function stop() {
    clearInterval(timer)
    timer = null
    label()
  }

  function label() {
    button.textContent = still ? shown.next : timer ? "Pause" : "Play"
  }

  root.cleanup = () => clearInterval(timer)
  return root.cleanup
}

// Draw the tile in this column and row of a sprite over a whole canvas.
function drawTile(canvas, sprite, side, column, row) {
  const pen = canvas.getContext("2d")
  pen.imageSmoothingEnabled = false
  pen.drawImage(sprite, column * side, row * side, side, side, 0, 0, canvas.width, canvas.height)
}

// Return a square canvas for the truth or for what the attacker recovered, told as `label`.
function face(role, side, label) {
  const canvas = document.createElement("canvas")
  canvas.width = canvas.height = side
  canvas.className = role
  canvas.setAttribute("role", "img")
  canvas.setAttribute("aria-label", label)
  return canvas
}

