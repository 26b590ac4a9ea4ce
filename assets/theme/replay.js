// Key frames of a run: one sprite, one row a victim, first column the truth; at most two frames a second.

function scene(place, data, at) {
  const figures = data.victims.map(figure)
  const sprite = new Image()
  place.replaceChildren(...figures)
  sprite.onload = draw
  sprite.src = data.sprite

  function figure(name) {
    const box = document.createElement("figure")
    const caption = document.createElement("figcaption")
    caption.textContent = name
    box.append(
      face("truth", data.side * 3, `${name}, the truth`),
      face("attacker", data.side * 3, `${name}, as recovered at this step`),
      caption,
    )
    return box
  }

  function draw() {
    figures.forEach((box, row) => {
      drawTile(box.children[0], sprite, data.side, 0, row)
      drawTile(box.children[1], sprite, data.side, at() + 1, row)
    })
  }

  function told() {
    const frame = data.frames[at()]
    return `step ${frame.step.toLocaleString("en")} of ${data.total.toLocaleString("en")}, loss ${frame.loss}`
  }

  return { moments: data.frames.length, milliseconds: 500, next: "Next frame", told, draw }
}
