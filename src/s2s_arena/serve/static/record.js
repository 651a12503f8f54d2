"use strict";
// Reading scripts, or answering samples: record, hear it, record again or accept. Nothing is sent before it is accepted.
const LONGEST_S = 119;
let players = [], mine = null, recorder = null, taken = null, anyway = false, waiting = false;
function close() { for (const player of players) player.drop(); players = []; discard(); if (recorder) { const old = recorder; recorder = null; old.stop().catch(() => {}); } }
function discard() { if (mine) { mine.drop(); mine = null; } taken = null; anyway = false; shape(); $("odd").textContent = ""; face("record"); }
function shape() { $("mine").hidden = $("accept").hidden = !taken; $("meter").hidden = !!taken; $("timer").hidden = !recorder; }
async function open(item) {
  close();
  $("task").setAttribute("aria-busy", "true");
  chips(item);
  const box = $("parts"), speak = now.kind === "dub"; box.textContent = "";
  item.parts.forEach((part, n) => {
    const card = make("div", "part"); card.dataset.clip = "instruction";
    card.append(make("h2", item.parts.length > 1 ? "turn" : "unseen", item.parts.length > 1 ? T.turn + " " + (n + 1) : speak ? T.script : T.request));
    if (speak) { const text = make("p", "read" + (n === item.turn ? "" : " faint"), part.script); text.lang = part.language; card.append(text); }
    else { card.append(make("div", "player")); players.push(new Player(card, T, () => { if (!$("record").disabled) return; ready(); })); }
    box.append(card);
  });
  const part = item.parts[item.turn], say = $("directions"); say.textContent = "";
  if (speak) {
    say.append(make("b", "", T.direct + ": "), part.directions.length ? directed(part.directions, part.language) : make("span", "", T.plainly));
    if (part.background) say.append(make("p", "soft small", T.background_later));
  }
  $("state").textContent = speak ? T.mic_allow : ""; shape(); meter(0);
  const all = players;
  for (let wait = 1; players === all && all.length; wait = Math.min(15, wait * 2)) {
    try { await Promise.all(all.map((player, n) => (item.parts[n].url && !player.ready ? player.load(item.parts[n].url) : 0))); break; }
    catch { banner(T.failed_load); await sleep(wait); }
  }
  if (players === all) { banner(""); $("task").setAttribute("aria-busy", "false"); ready(); }
}
// An answer can be recorded once the request was heard.
const left = () => (now && now.kind === "answer" && now.item.listen ? players.reduce((sum, p) => sum + (p.ready ? Math.max(0, now.item.listen * p.duration - 0.3 - p.seconds()) : 99), 0) : 0);
function ready() {
  const wait = left();
  $("record").disabled = wait > 0.01;
  if (now.kind === "answer" && !taken && !recorder) $("state").textContent = wait > 0.01 ? T.listen_first + ": " + T.missing_instruction + " (" + Math.ceil(Math.min(99, wait)) + " " + T.seconds_left + ")" : T.mic_allow;
}
function face(what) {
  const going = what === "stop";
  $("record").classList.toggle("going", going); $("record").setAttribute("aria-pressed", String(going));
  $("record-text").textContent = going ? T.stop : taken ? T.record_again : T.record;
}
async function record() {
  if (sending || waiting) return;
  if (recorder) { await stop(); return; }
  if ($("record").disabled) return;
  for (const player of Player.all) player.audio.pause();
  discard(); waiting = true;
  const made = new Recorder(heard);
  try { await made.start(); }
  catch (error) { $("state").textContent = { NotFoundError: T.mic_none, SecurityError: T.mic_insecure }[error.name] || T.mic_refused; waiting = false; return; }
  recorder = made; waiting = false; shape(); face("stop"); $("state").textContent = T.recording_now;
}
function heard(block, seconds) {
  let peak = 0; for (const sample of block) peak = Math.max(peak, Math.abs(sample));
  meter(peak); $("timer").textContent = clock(seconds);
  if (seconds > LONGEST_S) stop();
}
let shownLevel = 0, trail = [];
function meter(peak) {
  shownLevel = Math.max(peak, shownLevel * 0.85); trail.push(peak); if (trail.length > 240) trail.shift(); if (!peak) trail = [];
  const box = $("meter"), canvas = box.firstElementChild, width = box.clientWidth, height = box.clientHeight, scale = devicePixelRatio || 1;
  box.setAttribute("aria-valuenow", String(Math.round(100 * Math.sqrt(shownLevel))));
  canvas.width = width * scale; canvas.height = height * scale;
  const g = canvas.getContext("2d"), css = getComputedStyle(document.documentElement), tone = (name) => css.getPropertyValue(name).trim();
  g.scale(scale, scale);
  const bars = Math.floor(width / 5), from = Math.max(0, trail.length - bars);
  for (let n = 0; n < bars; n++) {
    const value = trail[from + n], tall = value === undefined ? 1.5 : Math.max(1.5, Math.sqrt(Math.min(1, value)) * (height / 2 - 3));
    g.fillStyle = value === undefined ? tone("--quiet-wave") : value > 0.97 ? tone("--bad") : tone("--good");
    g.beginPath(); g.roundRect(n * 5 + 1, height / 2 - tall, 3, tall * 2, 1.5); g.fill();
  }
}
async function stop() {
  const made = recorder; recorder = null;
  taken = await made.stop();
  face("record"); $("state").textContent = "";
  const found = oddities(taken.samples, taken.rate);
  mine = new Player($("mine"), T, () => {});
  mine.peaks = peaks(taken.samples); mine.duration = taken.samples.length / taken.rate; mine.turns = [[0, mine.duration, "user"]];
  mine.url = URL.createObjectURL(taken.wav); mine.audio.src = mine.url; mine.ready = true; mine.button.disabled = false; mine.tell("load");
  shape(); mine.draw();
  odd(found, found.includes("empty") || found.includes("silent") || found.includes("too_short"));
  mine.button.focus();
}
function peaks(samples) {
  const found = []; for (let n = 0; n < 240; n++) { let peak = 0; for (let i = Math.floor((n * samples.length) / 240); i < ((n + 1) * samples.length) / 240; i++) peak = Math.max(peak, Math.abs(samples[i] || 0)); found.push(peak); }
  return found;
}
function odd(found, final) {
  $("odd").textContent = ""; for (const name of found) $("odd").append(make("li", "", T["odd_" + name] || name));
  $("accept").disabled = final; anyway = found.length > 0 && !final;
  $("accept").firstChild.textContent = (anyway ? T.accept_anyway : T.accept) + " ";
}
async function accept() {
  if (!taken || sending || $("accept").disabled) return;
  const query = new URLSearchParams({ ...taken.about, microphone: $("microphone").value, room: $("room").value, anyway: String(anyway), seconds: String(Math.round((Date.now() - began) / 100) / 10) });
  localStorage.setItem("arena-microphone", $("microphone").value + "," + $("room").value);
  sending = true; $("accept").disabled = $("record").disabled = true; $("state").textContent = T.sending;
  for (let wait = 1; ; wait = Math.min(20, wait * 2)) {
    try {
      const said = await ask("/api/job/recording/" + now.item.id + "?" + query, { method: "POST", body: taken.wav, headers: { "content-type": "audio/wav", "x-form-key": formKey() } });
      sending = false; $("record").disabled = false; show(said.next); toast(T.accepted_recording); if (now.state === "task") $("main").focus({ preventScroll: true }); window.scrollTo({ top: 0 }); return;
    } catch (error) {
      if (refused(error)) {
        sending = false; $("accept").disabled = $("record").disabled = false; $("state").textContent = "";
        if (error.error.code === "doubtful") { odd(error.error.flags, error.error.final); return; }
        if (error.status === 409) { toast(T.moved_on); refresh(); } else { $("odd").textContent = ""; $("odd").append(make("li", "", error.message)); }
        return;
      }
      banner(T.offline_recording); await sleep(wait);
    }
  }
}
$("record").onclick = record; $("accept").onclick = accept;
[$("microphone").value, $("room").value] = (localStorage.getItem("arena-microphone") || ",").split(",");
window.addEventListener("beforeunload", (e) => { if (taken || recorder) e.preventDefault(); });
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open || !now || e.target.matches("input, select, textarea")) return;
  const onButton = e.target.matches("button, a, summary");
  if ($("task").hidden) { if (e.key.toLowerCase() === "u") undo(); return; }
  const act = {
    r: record, i: () => players[0] && players[0].toggle(), u: undo, "?": () => $("keys").showModal(),
    " ": () => { if (onButton) return false; const p = [...Player.all].find((x) => !x.audio.paused) || mine || players[0]; if (p) p.toggle(); },
    Enter: () => { if (onButton && !e.target.matches(".play")) return false; accept(); },
  }[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (act && act() !== false) e.preventDefault();
});
refresh();
