"use strict";

// The arrow keys lead to the page before and after, but not out of a field or a menu.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea")) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && document.querySelector(`nav a[rel=${rel}]`);
  if (link) location.href = link.href;
});

// What is known of a word stands in its title, for readers without scripts; here it moves to the
// panel, where it can be read at leisure.
const panel = document.getElementById("word");
const notes = new Map();

function show(word) {
  const list = document.createElement("dl");
  for (const line of notes.get(word).split("\n")) {
    const cut = line.indexOf(": ");
    const label = document.createElement("dt");
    const value = document.createElement("dd");
    label.textContent = line.slice(0, cut);
    value.textContent = line.slice(cut + 2);
    value.lang = "vi";
    list.append(label, value);
  }
  panel.replaceChildren(list);
}

for (const word of document.querySelectorAll(".words a")) {
  const title = word.querySelector("title");
  notes.set(word, title.textContent);
  title.remove();
  word.addEventListener("pointerenter", () => show(word));
}
