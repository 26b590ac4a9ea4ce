// The same people under every defence: a column of faces each, one slider for all of them.

function scene(place, data, at) {
  const sprites = data.sprites.map((address) => {
    const sprite = new Image()
    sprite.onload = () => columns.filter((one) => one.sprite === sprite).forEach(draw)
    sprite.src = address
    return sprite
  })
  const columns = data.strips.map(column)
  place.replaceChildren(...columns.map((one) => one.box))

  function column(strip) {
    const box = document.createElement("figure")
    const caption = document.createElement("figcaption")
    caption.textContent = strip.label
    const role = strip.moments > 1 ? "attacker" : "truth"
    const faces = data.people.map((name) => face(role, data.side * 2, `${name}: ${strip.label}`))
    box.append(caption, ...faces)
    return { box, strip, faces, sprite: sprites[strip.sprite] }
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
