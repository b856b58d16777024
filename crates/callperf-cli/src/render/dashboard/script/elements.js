// Elements are made one by one: a name in them is text, and never markup.

const SVG = (() => {
  const holder = document.createElement("template");
  holder.innerHTML = "<svg></svg>";
  return holder.content.firstChild.namespaceURI;
})();

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("@")) element.addEventListener(name.slice(1), value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const html = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

const why = (id, name) => document.getElementById(`d-${id}`) === null ? null
  : html("a", { class: "why", href: `#d-${id}`, "aria-label": `What “${name}” means` }, "?");

function section(name, title, note, ...children) {
  return html("section", { class: name }, html("h2", { id: `${name}-h` }, title),
    note === null ? null : html("p", { class: "note" }, note), ...children);
}

/** Saves a text as a file, without a network. */
function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = html("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}
