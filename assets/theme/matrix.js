// The defence by attack matrix: every cell a button with two rulers, one an attacker. It is drawn anew only when it
// says something else: a press moves the mark alone, so that place and focus stay where they are.

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".matrix")
  const drawn = JSON.stringify({ ...data, chosen: null })
  root.choose = (place) => setStateValue("cell", place)
  if (root.drawn !== drawn) {
    root.drawn = drawn
    root.setAttribute("aria-label", data.caption)
    root.replaceChildren(table())
    // The frame after the next one has it on the screen; what is below it is asked for then, and never before.
    requestAnimationFrame(() => requestAnimationFrame(() => setStateValue("stands", true)))
  }
  root.querySelectorAll("button").forEach((one) => {
    one.setAttribute("aria-pressed", String(one.dataset.place === data.chosen))
  })

  function table() {
    const made = document.createElement("table")
    const caption = document.createElement("caption")
    caption.textContent = data.caption
    made.append(caption, head(), ...data.groups.filter((one) => one.rows.length).map(group))
    return made
  }

  function head() {
    const line = document.createElement("tr")
    line.append(heading("Defence", "", "col"), ...data.columns.map((one) => heading(one.title, one.sub, "col")))
    const part = document.createElement("thead")
    part.append(line)
    return part
  }

  function heading(title, sub, scope) {
    const cell = document.createElement("th")
    cell.scope = scope
    cell.append(words("b", title))
    if (sub) cell.append(words("small", sub))
    return cell
  }

  function group(one) {
    const part = document.createElement("tbody")
    if (one.title) part.append(title(one.title))
    part.append(...one.rows.map(row))
    return part
  }

  function title(text) {
    const line = document.createElement("tr")
    const cell = document.createElement("th")
    cell.scope = "rowgroup"
    cell.colSpan = data.columns.length + 1
    cell.append(words("span", text))
    line.append(cell)
    return line
  }

  function row(one) {
    const line = document.createElement("tr")
    line.append(heading(one.title, "", "row"))
    one.cells.forEach((cell, column) => {
      const box = document.createElement("td")
      box.append(button(cell, `${one.place},${column}`))
      line.append(box)
    })
    return line
  }

  function button(cell, place) {
    const made = document.createElement("button")
    made.type = "button"
    made.className = cell.tone
    made.dataset.place = place
    made.setAttribute("aria-label", cell.said)
    made.append(...cell.lines.map(line))
    made.append(words("em", cell.verdict))
    made.onclick = () => root.choose(place)
    return made
  }

  function line(one) {
    const box = document.createElement("span")
    box.className = `line ${one.attacker}`
    const track = document.createElement("i")
    track.className = "track"
    if (one.at !== null) {
      track.append(mark("interval", one.low, one.high - one.low), mark("dot", one.at))
    }
    if (data.baseline !== null) track.prepend(mark("baseline", data.baseline))
    box.append(track, words("span", one.text))
    return box
  }

  function mark(kind, left, width) {
    const made = document.createElement("i")
    made.className = kind
    made.style.left = `${100 * left}%`
    if (width !== undefined) made.style.width = `${100 * width}%`
    return made
  }

  function words(tag, text) {
    const made = document.createElement(tag)
    made.textContent = text
    return made
  }
}
