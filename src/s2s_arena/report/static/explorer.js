"use strict";
// The explorer: filters over the matches in data/matches.js, and one match shown with everything that can be heard.
(function () {
  const data = window.ARENA_MATCHES;
  const list = document.getElementById("list");
  const pane = document.getElementById("match");
  const count = document.getElementById("count");
  const fields = Array.from(document.querySelectorAll("#filters [data-key]"));

  function element(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    for (const child of children) if (child !== null && child !== undefined) node.append(child);
    return node;
  }
  const sample = (m) => data.samples[m.sample];
  const take = (id) => data.takes[id];
  const keys = {
    level: (m) => [sample(m).level], domain: (m) => [sample(m).domain], task: (m) => [sample(m).task],
    language: (m) => [sample(m).language], system: (m) => [take(m.first).system, take(m.second).system],
    winner: (m) => m.verdicts.map((v) => v.winner), judge: (m) => m.verdicts.map((v) => v.judge),
  };
  for (const field of fields) {
    if (!keys[field.dataset.key]) continue;
    const values = new Set(data.matches.flatMap(keys[field.dataset.key]).filter(Boolean));
    for (const value of Array.from(values).sort()) field.append(element("option", { value }, value));
  }
  function words(m) {
    const texts = [...sample(m).turns.map((t) => t.script), ...[m.first, m.second].flatMap((t) => take(t).turns.map((r) => (r.heard || "") + " " + (r.text || "")))];
    return texts.join(" ").toLowerCase();
  }
  function shown() {
    return data.matches.filter((m) => fields.every((f) => {
      if (!f.value) return true;
      if (f.dataset.key === "words") return words(m).includes(f.value.toLowerCase());
      return keys[f.dataset.key](m).includes(f.value);
    }));
  }
  function pairs(rows) {
    const box = element("dl", { class: "kv" });
    for (const [k, v] of rows) if (v !== null && v !== undefined && v !== "") box.append(element("dt", {}, k), element("dd", {}, String(v)));
    return box;
  }
  function player(file, label) {
    return file ? element("audio", { controls: "", preload: "metadata", src: file, "aria-label": label }) : element("p", { class: "bad" }, "no audio");
  }
  function takeBox(id, won, place) {
    const t = take(id);
    const box = element("div", { class: "take" + (won ? " won" : "") },
      element("h3", {}, element("span", {}, t.system), element("span", { class: "soft" }, place + (won ? " · won" : ""))));
    for (const r of t.turns) {
      box.append(player(r.audio, t.system + ", " + place));
      if (r.failure) box.append(element("p", { class: "bad" }, r.failure));
      if (r.heard) box.append(element("blockquote", {}, r.heard));
      box.append(pairs(r.cues));
      if (r.text && r.text !== r.heard) box.append(pairs([["its own text", r.text]]));
      if (r.flags.length) box.append(pairs([["flags", r.flags.join(", ")]]));
    }
    return box;
  }
  // What moved a judge: a drawing made with the report, and the same in a table.
  function movedBy(e) {
    const body = element("tbody", {});
    for (const row of e.rows) body.append(element("tr", {}, ...row.map((cell, n) => element("td", n === 4 ? { class: "n" } : {}, cell))));
    const head = ["Answer", "Change", "Seconds", "Words", "Shift", "Verdict"].map((h, n) => element("th", n === 4 ? { class: "n" } : {}, h));
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...head)), body);
    const notes = e.notes.map((n) => element("p", { class: "soft" }, n));
    return [element("h3", {}, "What moved " + e.judge), element("p", {}, e.summary),
      element("a", { href: e.figure }, element("img", { class: "figure", src: e.figure, alt: e.summary, loading: "lazy" })),
      element("details", {}, element("summary", {}, "all " + e.rows.length + " changes"), table, ...notes)];
  }
  function show(m, button) {
    for (const b of list.children) b.setAttribute("aria-selected", b === button);
    const s = sample(m);
    const question = element("div", { class: "card" }, element("h2", { style: "margin-top:0" }, s.id),
      element("div", {}, ...[s.level, s.domain, s.task, s.language].filter(Boolean).map((c) => element("span", { class: "chip" }, c))));
    for (const t of s.turns) {
      question.append(player(t.audio, "question"), element("blockquote", { lang: t.language }, t.script || "(no script)"));
      question.append(pairs(t.labels.map(([k, v]) => [k, v])));
    }
    if (s.guideline) question.append(element("h3", {}, "What to listen for"), element("p", {}, s.guideline));
    const winner = m.verdicts.length ? m.verdicts[0].outcome : "";
    const takes = element("div", { class: "takes" }, takeBox(m.first, winner === "first", "heard first"), takeBox(m.second, winner === "second", "heard second"));
    const verdicts = element("div", { class: "card" });
    for (const v of m.verdicts) {
      verdicts.append(element("h3", {}, v.judge + ": " + (v.winner || v.outcome)), element("p", {}, v.reason || ""));
      if (v.criteria.length) {
        const body = element("tbody", {});
        for (const c of v.criteria) body.append(element("tr", {}, element("td", {}, c.name), element("td", {}, c.winner || "no opinion"), element("td", { class: "n" }, c.margin), element("td", {}, c.reason)));
        verdicts.append(element("table", {}, element("thead", {}, element("tr", {}, element("th", {}, "Criterion"), element("th", {}, "Better"), element("th", { class: "n" }, "Margin"), element("th", {}, "Reason"))), body));
      }
      verdicts.append(pairs([["round, index", v.order.join(", ")], ["drawn with probability", m.probability], ["parsed", v.parsed], ["prompt", v.prompt_hash], ["judge version", v.judge_version]]));
      if (v.raw) { const d = element("details", {}, element("summary", {}, "raw reply")); d.append(element("pre", {}, v.raw)); verdicts.append(d); }
    }
    if (!m.verdicts.length) verdicts.append(element("p", {}, m.purpose + ": no verdict"));
    for (const e of m.explained) verdicts.append(...movedBy(e));
    pane.replaceChildren(question, element("div", { class: "card" }, takes), verdicts);
    history.replaceState(null, "", "#" + m.id);
  }
  // One clip at a time.
  document.addEventListener("play", (e) => { for (const a of document.querySelectorAll("audio")) if (a !== e.target) a.pause(); }, true);
  function draw() {
    const some = shown();
    count.textContent = some.length + " of " + data.matches.length + " matches";
    list.replaceChildren(...some.slice(0, 2000).map((m) => {
      const v = m.verdicts[0];
      const b = element("button", { role: "option", "aria-selected": "false" },
        take(m.first).system + " : " + take(m.second).system,
        element("small", {}, sample(m).id + (v ? " · " + (v.winner || v.outcome) + " won" : "")));
      b.addEventListener("click", () => show(m, b));
      b.dataset.id = m.id;
      return b;
    }));
    const wanted = Array.from(list.children).find((b) => b.dataset.id === location.hash.slice(1)) || list.firstElementChild;
    if (wanted) wanted.click(); else pane.replaceChildren();
  }
  for (const f of fields) f.addEventListener("input", draw);
  draw();
})();
