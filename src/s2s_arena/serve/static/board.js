"use strict";
// The page again every few seconds, unless somebody is reading a part that was opened.
setInterval(async () => {
  if (document.hidden || document.querySelector("details[open]")) return;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (fresh) document.querySelector("main").replaceChildren(...fresh.children);
  } catch { /* the next time */ }
}, 5000);
