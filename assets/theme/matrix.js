// The defence by attack matrix: every cell a button with two rulers, one an attacker.

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".matrix")
  const table = document.createElement("table")
  const caption = document.createElement("caption")
  caption.textContent = data.caption
  table.append(caption, head(), body())
  root.replaceChildren(table)

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

  function body() {
    const part = document.createElement("tbody")
    data.rows.forEach((row, place) => {
      const line = document.createElement("tr")
      line.append(heading(row.title, row.sub, "row"))
      row.cells.forEach((cell, column) => {
        const box = document.createElement("td")
        box.append(button(cell, `${place},${column}`))
        line.append(box)
      })
      part.append(line)
    })
    return part
  }

  function button(cell, place) {
    const made = document.createElement("button")
    made.type = "button"
    made.className = cell.tone
    made.setAttribute("aria-pressed", String(place === data.chosen))
    made.setAttribute("aria-label", cell.said)
    made.append(...cell.lines.map(line))
    made.append(words("em", cell.verdict))
    made.onclick = () => setStateValue("cell", place)
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
