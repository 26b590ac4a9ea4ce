// The same people under every defence: one sprite a defence, one slider for all of them.

function scene(place, data, at) {
  const columns = data.strips.map(column)
  place.replaceChildren(...columns.map((one) => one.box))

  function column(strip) {
    const box = document.createElement("figure")
    const caption = document.createElement("figcaption")
    caption.textContent = strip.label
    const faces = data.people.map((name) => face(strip.role, data.side * 2, `${name}: ${strip.label}`))
    box.append(caption, ...faces)
    const sprite = new Image()
    sprite.onload = () => draw({ strip, faces, sprite })
    sprite.src = strip.sprite
    return { box, strip, faces, sprite }
  }

  function draw({ strip, faces, sprite }) {
    if (!sprite.complete || !sprite.naturalWidth) return
    const moment = Math.min(at(), strip.moments - 1)
    faces.forEach((one, person) => drawTile(one, sprite, data.side, moment, person))
  }

  return {
    moments: data.moments.length,
    milliseconds: 600,
    next: "Next step",
    told: () => data.moments[at()],
    draw: () => columns.forEach(draw),
  }
}
