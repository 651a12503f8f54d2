"use strict";
for (const input of document.querySelectorAll("input.link")) input.onfocus = () => input.select();
const copy = document.getElementById("copy");
if (copy) copy.onclick = async () => {
  const lines = [...document.querySelectorAll("tr.fresh")].map((row) => [row.dataset.name, row.querySelector("input.link").value].filter(Boolean).join("\t"));
  await navigator.clipboard.writeText(lines.join("\n"));
  copy.textContent = copy.dataset.done;
};
for (const form of document.querySelectorAll("form[data-ask]")) form.onsubmit = () => confirm(form.dataset.ask);
