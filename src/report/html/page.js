"use strict";
(() => {
  const form = document.querySelector("form");
  const rows = [...document.querySelectorAll("tr[data-rule]")];
  const groups = [...document.querySelectorAll("tbody.secret")];
  if (!form || rows.length === 0) return;
  const order = ["critical", "high", "medium", "low"];
  const values = (name) => [...new Set(rows.map((row) => row.dataset[name]).filter((value) => value))];
  for (const select of form.querySelectorAll("select")) {
    const known = values(select.name);
    known.sort(select.name === "severity" ? (a, b) => order.indexOf(a) - order.indexOf(b) : undefined);
    for (const value of known) select.append(new Option(value, value));
    if (known.length < 2) select.parentElement.hidden = true;
  }
  const show = () => {
    const wanted = [...form.querySelectorAll("select")].filter((select) => select.value);
    const text = form.elements.text.value.toLowerCase();
    for (const row of rows) {
      const group = row.parentElement;
      row.hidden =
        !wanted.every((select) => row.dataset[select.name] === select.value) ||
        !(text === "" || (group.rows[0].textContent + " " + row.textContent).toLowerCase().includes(text));
    }
    let secrets = 0;
    for (const group of groups) {
      group.hidden = [...group.rows].slice(1).every((row) => row.hidden);
      if (!group.hidden) secrets += 1;
    }
    const places = rows.filter((row) => !row.hidden).length;
    document.getElementById("count").textContent =
      `${secrets} of ${groups.length} secrets, ${places} of ${rows.length} places`;
  };
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  show();
})();
