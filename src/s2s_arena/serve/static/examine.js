"use strict";
// Review, verification and identification: hear a sample, compare it with what is said of it, choose.
let players = [], chosen = {}, SLACK = 0.6;
function close() { for (const player of players) player.drop(); players = []; }
async function open(item) {
  close(); chosen = {}; $("comment").value = "";
  $("task").setAttribute("aria-busy", "true");
  chips(item); about(item);
  const box = $("parts"); box.textContent = "";
  item.parts.forEach((part, n) => {
    const card = make("div", "part"); card.dataset.clip = "instruction";
    if (item.parts.length > 1) card.append(make("h2", "turn", T.turn + " " + (n + 1))); else card.append(make("h2", "unseen", T.clip));
    card.append(make("div", "player"));
    if (part.script) { const text = make("p", "script", part.script); text.lang = part.language; card.append(text); }
    if (part.directions.length) { const line = make("p", "line"); line.append(make("b", "", T.said_as + ": "), directed(part.directions, part.language)); card.append(line); }
    if (part.labels.length) { const line = make("p", "line"), tags = make("span", "tags"); for (const [name, value] of part.labels) { const tag = make("span", "tag", label(name) + " "); tag.append(make("b", "", word(value))); tags.append(tag); } line.append(make("b", "", (now.kind === "verify" ? T.attributes : T.labels) + ": "), tags); card.append(line); }
    if (part.background) { const [scene, ...rest] = part.background.split(" "); const line = make("p", "line"); line.append(make("b", "", T.background + ": "), word(scene) + ", " + rest.join(" ")); card.append(line); }
    box.append(card);
    players.push(new Player(card, T, update));
  });
  questions(item); update();
  const mine = players;
  for (let wait = 1; players === mine; wait = Math.min(15, wait * 2)) {
    try { await Promise.all(item.parts.map((part, n) => (part.url && !mine[n].ready ? mine[n].load(part.url) : 0))); $("task").setAttribute("aria-busy", "false"); break; }
    catch { banner(T.failed_load); await sleep(wait); }
  }
  if (players === mine) { banner(""); update(); }
}
function about(item) {
  const box = $("about"); box.textContent = "";
  const add = (title, text) => { box.append(make("h2", "", title), make("p", "", text)); };
  if (item.level) add(T["level_" + item.level], T["means_" + item.level]);
  if (item.guideline) add(T.guideline, item.guideline);
  if (item.asked_of_answer.length) { box.append(make("h2", "", T.asked_of_answer)); const tags = make("p", "tags"); for (const [cue, want] of item.asked_of_answer) { const tag = make("span", "tag", label(cue)); if (want !== "yes") tag.append(" ", make("b", "", word(want))); tags.append(tag); } box.append(tags); }
  if (item.notes.length) { const more = make("details"), list = make("ul"); more.append(make("summary", "", T.notes), list); for (const note of item.notes) list.append(make("li", "", note)); box.append(more); }
  box.hidden = !box.children.length; box.parentElement.classList.toggle("alone", box.hidden);
}
function questions(item) {
  const form = $("questions"); form.textContent = "";
  for (const question of item.questions) {
    const field = make("fieldset", "question"); field.dataset.name = question.name;
    field.append(make("legend", "", T["q_" + question.name] || T.q_identify + ": " + label(question.name) + "?"));
    const row = make("div", "options"); row.dataset.count = question.options.length;
    for (const option of question.options) {
      const holder = make("label", "option"), input = make("input"), text = make("span", "", T["o_" + option] || word(option));
      input.type = "radio"; input.name = question.name; input.value = option; holder.dataset.option = option;
      const hint = make("kbd", "", "");
      text.append(hint); holder.append(input, text); row.append(holder);
    }
    field.append(row); form.append(field);
  }
}
$("questions").onchange = (e) => { chosen[e.target.name] = e.target.value; update(); };
const asked = () => (now && now.item ? now.item.questions.filter((q) => !q.when || chosen[q.when[0]] === q.when[1]) : []);
const lacking = () => (now && now.item && now.item.listen ? players.filter((p) => !p.ready || now.item.listen * p.duration - SLACK / 2 - p.seconds() > 0) : []);
function update() {
  if (!now || !now.item) return;
  const open = asked(), names = new Set(open.map((q) => q.name)), first = open.find((q) => !chosen[q.name]);
  for (const field of $("questions").children) {
    const off = !names.has(field.dataset.name); field.hidden = off;
    if (off) delete chosen[field.dataset.name];
    field.querySelectorAll("input").forEach((input) => { input.checked = chosen[input.name] === input.value; });
    field.querySelectorAll("kbd").forEach((kbd, n) => { kbd.textContent = first && first.name === field.dataset.name && n < 9 ? n + 1 : ""; kbd.hidden = !kbd.textContent; });
  }
  const left = lacking();
  const text = left.length ? T.listen_first + ": " + left.map((p) => (p.ready ? Math.ceil(Math.max(0, now.item.listen * p.duration - p.seconds())) + " " + T.seconds_left : "…")).join(", ") : first ? T.choose_first : "";
  if ($("missing").textContent !== text) $("missing").textContent = text;
  $("send").disabled = sending || left.length > 0 || !!first;
}
function pick(name, value) { chosen[name] = value; update(); const next = asked().find((q) => !chosen[q.name]); const target = next ? null : $("send"); if (target && !target.disabled) target.focus(); }
async function send() {
  if ($("send").disabled) return;
  const body = { item: now.item.id, answers: { ...chosen }, comment: $("comment").value.trim(), heard: Object.fromEntries(players.map((p, n) => [n, p.spans()])), seconds: Math.round((Date.now() - began) / 100) / 10 };
  sending = true; update();
  for (let wait = 1; ; wait = Math.min(20, wait * 2)) {
    try { const said = await tell("/api/job/answer", body); sending = false; show(said.next); toast(T.accepted); if (now.state === "task") $("main").focus({ preventScroll: true }); window.scrollTo({ top: 0 }); return; }
    catch (error) {
      if (refused(error)) {
        sending = false; update();
        if (error.status === 422 && error.error.missing) { $("missing").textContent = T.listen_first + ": " + error.error.missing.map((m) => Math.ceil(m.needed_s - m.heard_s) + " " + T.seconds_left).join(", "); $("missing").classList.add("told"); return; }
        toast(error.status === 409 ? T.moved_on : error.message); refresh(); return;
      }
      banner(T.offline); await sleep(wait);
    }
  }
}
$("send").onclick = send; $("questions").onsubmit = (e) => { e.preventDefault(); send(); };
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open || !now) return;
  const typing = e.target.matches("input[type=text], select, textarea"), onButton = e.target.matches("button, a, summary");
  if (typing) { if (e.key === "Enter") { e.preventDefault(); send(); } else if (e.key === "Escape") e.target.blur(); return; }
  if ($("task").hidden) { if (e.key.toLowerCase() === "u") undo(); return; }
  const first = asked().find((q) => !chosen[q.name]), named = (name) => asked().find((q) => q.name === name);
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  const answerYes = (value) => { if (first && first.options.includes(value)) pick(first.name, value); else return false; };
  const act = {
    " ": () => { if (onButton && !e.target.matches("#send, .play")) return false; const p = [...Player.all].find((x) => !x.audio.paused) || (Player.all.has(Player.last) ? Player.last : players[0]); if (p) p.toggle(); },
    Enter: () => { if (onButton) return false; send(); },
    k: () => (named("decision") ? pick("decision", "keep") : false), d: () => (named("decision") ? pick("decision", "discard") : false),
    y: () => answerYes("yes"), n: () => answerYes("no"), u: undo, "?": () => $("keys").showModal(),
  }[key];
  if (/^[1-9]$/.test(key)) { if (first && first.options[key - 1]) { pick(first.name, first.options[key - 1]); e.preventDefault(); } return; }
  if (act && act() !== false) e.preventDefault();
});
// The space bar plays, also where the focus is on a button that it would press when it is let go.
document.addEventListener("keyup", (e) => { if (e.key === " " && e.target.matches("#send, .play")) e.preventDefault(); });
refresh();
