"use strict";
const T = JSON.parse(document.getElementById("texts").textContent), $ = (id) => document.getElementById(id);
const KEPT = "arena-unsent-vote", NAMES = ["instruction", "first", "second"], SLACK = 0.6;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("arena") : null;
let now = null, players = {}, chosen = null, sending = false, began = 0, played = [], place = 0, reported = 0, result = null;

async function ask(path, body) {
  const options = body ? { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", "x-form-key": document.body.dataset.formKey } } : {};
  const answer = await fetch(path, options);
  let said = {};
  try { said = await answer.json(); } catch { /* a proxy's page */ }
  if (answer.status === 401) location.href = "/";
  if (!answer.ok) throw Object.assign(new Error((said.error && said.error.message) || String(answer.status)), { status: answer.status, error: said.error || {} });
  return said;
}
const key = () => (crypto.randomUUID ? crypto.randomUUID() : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16)));
const sleep = (s) => new Promise((done) => setTimeout(done, s * 1000));
let toasting = 0;
function toast(text) { $("said").textContent = text; $("said").hidden = false; clearTimeout(toasting); toasting = setTimeout(() => ($("said").hidden = true), 2600); }
function banner(text) { $("banner").textContent = text || ""; $("banner").hidden = !text; }

async function refresh() {
  for (let wait = 1; ; wait = Math.min(15, wait * 2)) {
    try { show(await ask("/api/task")); return; }
    catch (error) { banner(error.status && error.status < 500 && error.status !== 429 ? error.message : T.failed_load); await sleep(wait); }
  }
}
function show(state) {
  now = state;
  $("bar").max = state.progress.quota; $("bar").value = state.progress.done;
  $("count").textContent = state.progress.done + " " + T.of + " " + state.progress.quota;
  $("undo").hidden = !state.undo;
  if (state.state === "begin" || state.state === "check") { location.href = "/"; return; }
  if (state.state === "done") { location.href = "/thanks"; return; }
  banner("");
  if (state.state === "practice") { place = 0; open(state.practice[0]); return; }
  if (state.state === "task") { open(state.task); return; }
  close(); $("task").hidden = true; $("empty").hidden = false;
  $("empty").children[0].textContent = T[state.state + "_title"]; $("empty").children[1].textContent = T[state.state + "_text"];
  setTimeout(refresh, 15000);
}
function close() { for (const player of Object.values(players)) player.drop(); players = {}; }
const current = () => (now.state === "practice" ? now.practice[place] : now.task);
async function open(task) {
  close(); chosen = null; played = []; result = null; began = Date.now(); reported = 0;
  $("empty").hidden = true; $("task").hidden = false; $("task").setAttribute("aria-busy", "true");
  $("practice-note").hidden = now.state !== "practice"; $("explained").hidden = true; $("choices").hidden = false;
  $("dialogue").hidden = task.turns < 2;
  const chips = $("chips"); chips.textContent = "";
  for (const text of [task.level && T["level_" + task.level], task.domain, task.task && task.task.replaceAll("_", " ")]) if (text) { const chip = document.createElement("span"); chip.className = "chip"; chip.textContent = text; chips.append(chip); }
  $("guideline").textContent = ""; $("guideline").hidden = !task.guideline;
  if (task.guideline) { const b = document.createElement("b"); b.textContent = T.guideline + ": "; $("guideline").append(b, task.guideline); }
  criteria(task); choices(task);
  for (const name of NAMES) {
    const card = document.querySelector(`[data-clip=${name}]`);
    card.classList.toggle("suggested", name === task.suggested); card.classList.remove("chosen");
    players[name] = new Player(card, T, (what) => heard(name, what));
  }
  select(null);
  const mine = players;
  for (let wait = 1; players === mine; wait = Math.min(15, wait * 2)) {
    try {
      await Promise.all(NAMES.map((name) => (mine[name].ready ? 0 : mine[name].load(task.clips[name].url, task.heard[name]))));
      $("task").setAttribute("aria-busy", "false"); break;
    } catch { banner(T.failed_load); await sleep(wait); if (wait >= 4) { refresh(); return; } }
  }
  if (players === mine) { banner(""); update(); }
}
function criteria(task) {
  $("reasons").hidden = !task.criteria.length; $("criteria").textContent = "";
  for (const name of task.criteria) {
    const field = document.createElement("fieldset"); field.className = "criterion";
    const legend = document.createElement("legend"); legend.textContent = T["criterion_" + name];
    const box = document.createElement("span"); box.className = "segments";
    for (const [value, text] of [["first", "A"], ["tie", T.same], ["second", "B"]]) {
      const label = document.createElement("label"), input = document.createElement("input"), span = document.createElement("span");
      input.type = "radio"; input.name = name; input.value = value; span.textContent = text; label.append(input, span); box.append(label);
    }
    field.append(legend, box); $("criteria").append(field);
  }
}
function choices(task) {
  const box = $("choices"); box.textContent = "";
  const make = (outcome, text, hint) => { const b = document.createElement("button"); b.type = "button"; b.dataset.outcome = outcome; b.textContent = text; if (hint) { const k = document.createElement("kbd"); k.textContent = hint; b.append(k); } b.setAttribute("aria-pressed", "false"); b.onclick = () => choose(outcome); return b; };
  const others = task.outcomes.filter((o) => o !== "first" && o !== "second");
  box.classList.toggle("more", others.length > 0); box.append(make("first", T.vote_a, "←"));
  if (others.length) { const between = document.createElement("div"); between.className = "between"; for (const o of others) between.append(make(o, T["vote_" + o])); box.append(between); }
  box.append(make("second", T.vote_b, "→"));
}
function lacking() {
  const task = current(), found = [];
  if (!task || !task.listen) return found;
  for (const name of NAMES) { const p = players[name]; if (!p || !p.ready) found.push([name, 0]); else if (!p.silent()) { const left = task.listen * p.duration - SLACK / 2 - p.seconds(); if (left > 0) found.push([name, left]); } }
  return found;
}
function heard(name, what) {
  if (what === "play" && played[played.length - 1] !== name && played.length < 60) { played.push(name); document.querySelectorAll(".suggested").forEach((c) => c.classList.remove("suggested")); }
  update();
  if ((what === "pause" || what === "ended") && now.state === "task" && Date.now() - reported > 1000) {
    reported = Date.now();
    ask("/api/heard", { assignment: now.task.assignment, heard: spans() }).catch(() => {});
  }
}
const spans = () => Object.fromEntries(NAMES.map((name) => [name, players[name] ? players[name].spans() : []]));
function update() {
  const left = lacking();
  for (const b of $("choices").querySelectorAll("button")) b.disabled = left.length > 0 || sending;
  for (const name of ["first", "second"]) { const label = document.querySelector(`[data-clip=${name}] .heard`), p = players[name]; if (label && p) label.textContent = p.ready && current()?.listen ? Math.round(100 * p.share()) + "% " + T.heard : ""; }
  $("missing").classList.remove("told");
  const text = left.length ? T.listen_first + ": " + left.map(([n, s]) => T["missing_" + n] + (s ? " (" + Math.ceil(s) + " " + T.seconds_left + ")" : "")).join(", ") : "";
  if ($("missing").textContent !== text) $("missing").textContent = text;
}
function choose(outcome) {
  if (sending || result) return;
  if (lacking().length) { update(); $("missing").classList.add("told"); return; }
  if (now.state === "practice") { practise(outcome); return; }
  select(outcome);
}
function select(outcome) {
  chosen = outcome;
  for (const b of $("choices").querySelectorAll("button")) b.setAttribute("aria-pressed", String(b.dataset.outcome === outcome));
  for (const name of ["first", "second"]) document.querySelector(`[data-clip=${name}]`).classList.toggle("chosen", outcome === name);
  $("confirm").hidden = !outcome;
  if (!outcome) return;
  const asks = now.task.ask_both_bad && outcome !== "both_bad" && outcome !== "both_good";
  $("chosen").textContent = { first: T.confirm_a, second: T.confirm_b }[outcome] || T["vote_" + outcome] + ".";
  $("ask").hidden = $("yes").hidden = !asks; $("no").textContent = (asks ? T.both_bad_no : T.send) + " "; const k = document.createElement("kbd"); k.textContent = "↵"; $("no").append(k);
  $("no").focus();
}
async function send(bothBad) {
  if (!chosen || sending) return;
  const body = { key: key(), assignment: now.task.assignment, outcome: chosen, heard: spans(), played, seconds: Math.round((Date.now() - began) / 100) / 10, criteria: {}, both_bad: now.task.ask_both_bad ? (chosen === "both_bad" ? true : chosen === "both_good" ? false : bothBad) : null };
  for (const input of $("criteria").querySelectorAll("input:checked")) body.criteria[input.name] = input.value;
  localStorage.setItem(KEPT, JSON.stringify(body));
  await deliver();
}
async function deliver() {
  const text = localStorage.getItem(KEPT);
  if (!text || sending) return;
  sending = true; update();
  let lost = false, next = null, spoken = T.accepted;
  for (let wait = 1; ; wait = Math.min(20, wait * 2)) {
    try {
      const said = await ask("/api/vote", JSON.parse(text));
      next = said.next; if (said.revealed) spoken = `${T.reveal}: A = ${said.revealed.first}, B = ${said.revealed.second}`;
      break;
    } catch (error) {
      if (error.status && error.status < 500 && error.status !== 429) {
        localStorage.removeItem(KEPT); sending = false;
        if (error.status === 422 && error.error.missing && now) {
          $("missing").textContent = T.listen_first + ": " + error.error.missing.map((m) => T["missing_" + m.clip] + " (" + Math.ceil(m.needed_s - m.heard_s) + " " + T.seconds_left + ")").join(", ");
          $("missing").classList.add("told"); select(null); for (const b of $("choices").querySelectorAll("button")) b.disabled = false; return;
        }
        toast(error.status === 409 ? T.moved_on : error.message); await refresh(); return;
      }
      lost = true; banner(T.offline); await sleep(wait);
    }
  }
  localStorage.removeItem(KEPT); sending = false;
  if (channel) channel.postMessage("voted");
  show(next); toast(lost ? T.back_online : spoken);
  document.getElementById("main").focus({ preventScroll: true }); window.scrollTo({ top: 0 });
}
async function undo() {
  if (!now || !now.undo || sending || now.state === "practice") return;
  sending = true;
  try { const said = await ask("/api/undo", { key: key(), assignment: now.undo }); sending = false; show(said.next); toast(T.undone); if (channel) channel.postMessage("voted"); }
  catch (error) { sending = false; toast(error.message); }
}
async function practise(outcome) {
  try { result = await ask("/api/practice", { item: current().item, outcome }); } catch (error) { toast(error.message); return; }
  const p = $("explained").querySelector("p"); p.textContent = "";
  const word = document.createElement("span"); word.className = result.right ? "right" : "wrong"; word.textContent = result.right ? T.practice_right : T.practice_wrong;
  p.append(word, " " + T[result.reason]); $("choices").hidden = true; $("explained").hidden = false;
  document.querySelector(`[data-clip=${result.answer}]`).classList.add("chosen");
  $("next").firstChild.textContent = (result.last ? T.practice_start : T.practice_next) + " "; $("next").focus();
}
$("next").onclick = () => { if (result && result.last) refresh(); else { place += 1; open(current()); } };
$("no").onclick = () => send(false); $("yes").onclick = () => send(true); $("change").onclick = () => select(null);
$("undo").onclick = undo; $("help").onclick = () => $("keys").showModal();
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open || !now) return;
  const typing = e.target.matches("input, textarea, select"), onButton = e.target.matches("button, a, summary");
  if (typing && e.key !== "Escape") return;
  const act = {
    1: () => players.first && players.first.toggle(), 2: () => players.second && players.second.toggle(), i: () => players.instruction && players.instruction.toggle(),
    " ": () => { if (onButton) return false; const p = [...Player.all].find((x) => !x.audio.paused) || Player.last; if (p && Player.all.has(p)) p.toggle(); else if (current()) players[current().suggested].play(); },
    ArrowLeft: () => choose("first"), ArrowRight: () => choose("second"), Escape: () => select(null), u: undo, "?": () => $("keys").showModal(),
    Enter: () => { if (onButton) return false; if (result) $("next").click(); else if (chosen) send(false); }, b: () => { if (chosen && !$("yes").hidden) send(true); },
  }[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (act && !$("task").hidden && act() !== false) e.preventDefault();
});
if (channel) channel.onmessage = () => { if (!sending) refresh(); };
window.addEventListener("online", () => deliver());
window.addEventListener("pagehide", () => { if (now && now.state === "task" && players.first) fetch("/api/heard", { method: "POST", keepalive: true, body: JSON.stringify({ assignment: now.task.assignment, heard: spans() }), headers: { "content-type": "application/json", "x-form-key": document.body.dataset.formKey } }).catch(() => {}); });
(async () => { if (localStorage.getItem(KEPT)) await deliver(); if (!now) await refresh(); })();
