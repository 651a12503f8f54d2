"use strict";
// What the desks for samples share: asking the server, messages, words in the reader's language, items and their clips.
const T = JSON.parse(document.getElementById("texts").textContent), $ = (id) => document.getElementById(id);
const word = (value) => T["v_" + value] || String(value).replaceAll("_", " ");
const label = (name) => T["l_" + name] || String(name).replaceAll("_", " ");
const make = (tag, className, text) => { const made = document.createElement(tag); if (className) made.className = className; if (text !== undefined) made.textContent = text; return made; };
const formKey = () => document.body.dataset.formKey;
let now = null, sending = false, began = 0;

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  let said = {};
  try { said = await answer.json(); } catch { /* a proxy's page */ }
  if (answer.status === 401) location.href = "/";
  if (!answer.ok) throw Object.assign(new Error((said.error && said.error.message) || String(answer.status)), { status: answer.status, error: said.error || {} });
  return said;
}
const tell = (path, body) => ask(path, { method: "POST", body: JSON.stringify(body || {}), headers: { "content-type": "application/json", "x-form-key": formKey() } });
const sleep = (s) => new Promise((done) => setTimeout(done, s * 1000));
// The server refused for good; anything else is a lost connection, and is tried again.
const refused = (error) => error.status && error.status < 500 && error.status !== 429;
let toasting = 0;
function toast(text) { $("said").textContent = text; $("said").hidden = false; clearTimeout(toasting); toasting = setTimeout(() => ($("said").hidden = true), 2600); }
function banner(text) { $("banner").textContent = text || ""; $("banner").hidden = !text; }

async function refresh() {
  for (let wait = 1; ; wait = Math.min(15, wait * 2)) {
    try { show(await ask("/api/job")); return; }
    catch (error) { banner(refused(error) ? error.message : T.failed_load); await sleep(wait); }
  }
}
function show(state) {
  now = state;
  if (state.state === "begin" || state.state === "withdrawn") { location.href = "/job"; return; }
  $("bar").max = Math.max(1, state.progress.quota); $("bar").value = state.progress.done;
  $("count").textContent = state.progress.done + " " + T.of + " " + state.progress.quota;
  $("undo").hidden = !state.undo;
  banner("");
  if (state.state === "task") { $("empty").hidden = true; $("task").hidden = false; began = Date.now(); open(state.item); return; }
  close();
  $("task").hidden = true; $("empty").hidden = false;
  const done = state.state === "done";
  if (done && !state.open) { location.href = "/job/thanks"; return; }
  $("empty").children[0].textContent = done ? T.all_done_title : T.paused_title;
  $("empty").children[1].textContent = done ? T.all_done_text : T.paused_work_text;
  $("hand-in").hidden = !done;
  if (done) $("hand-in").focus(); else setTimeout(refresh, 15000);
}
function chips(item) {
  const box = $("chips"); box.textContent = "";
  for (const text of [item.level && T["level_" + item.level], item.domain && (T["d_" + item.domain] || item.domain), item.task && (T["t_" + item.task] || item.task.replaceAll("_", " "))]) if (text) box.append(make("span", "chip", text));
}
function directed(list, language) {
  const box = make("span", "tags");
  for (const [kind, about] of list) {
    const tag = make("span", "tag", T["dir_" + kind] || kind);
    if (about) { const quoted = kind === "emphasis" || kind.startsWith("pause"); tag.append(" ", quoted ? make("q", "", about) : make("b", "", word(about))); if (quoted) tag.lastChild.lang = language; }
    box.append(tag);
  }
  return box;
}
async function undo() {
  if (!now || !now.undo || sending) return;
  sending = true;
  try { const said = await tell("/api/job/undo", { item: now.undo }); sending = false; show(said.next); toast(now.kind === "dub" || now.kind === "answer" ? T.undone_recording : T.undone_answer); }
  catch (error) { sending = false; toast(error.message); if (error.status === 409) refresh(); }
}
$("undo").onclick = undo; $("help").onclick = () => $("keys").showModal();
$("hand-in").onclick = async () => { try { await tell("/api/job/hand-in"); location.href = "/job/thanks"; } catch (error) { toast(error.message); } };
