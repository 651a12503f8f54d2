"use strict";
// A clip: fetched whole before it can be played, drawn from the server's peaks, and heard intervals kept as they are.
class Player {
  static all = new Set();
  constructor(card, texts, onheard) {
    this.card = card; this.texts = texts; this.onheard = onheard; this.before = []; this.audio = new Audio();
    this.audio.preload = "auto"; this.ready = false; this.peaks = []; this.turns = []; this.duration = 0;
    const box = card.querySelector(".player");
    box.textContent = "";
    this.button = document.createElement("button");
    this.button.type = "button"; this.button.className = "play"; this.button.disabled = true;
    this.wave = document.createElement("div");
    this.wave.className = "wave"; this.wave.tabIndex = 0; this.wave.setAttribute("role", "slider");
    this.wave.setAttribute("aria-label", texts.waveform); this.wave.setAttribute("aria-valuemin", "0");
    this.canvas = document.createElement("canvas"); this.wave.append(this.canvas);
    this.times = document.createElement("div"); this.times.className = "times";
    this.times.append(document.createElement("span"), document.createElement("span"));
    box.append(this.button, this.wave, this.times);
    this.face(false);
    this.button.onclick = () => this.toggle();
    this.wave.onclick = (e) => this.seek((e.offsetX / this.wave.clientWidth) * this.duration);
    this.wave.onkeydown = (e) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 }[e.key];
      if (by) { e.preventDefault(); e.stopPropagation(); this.seek(this.audio.currentTime + by); }
    };
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => { this.face(!this.audio.paused); this.tell(name); });
    this.audio.addEventListener("timeupdate", () => this.tell("time"));
    this.observer = new ResizeObserver(() => this.draw()); this.observer.observe(this.wave);
    Player.all.add(this);
  }
  async load(url, heard) {
    this.before = heard || [];
    const [sound, about] = await Promise.all([fetch(url), fetch(url + "/peaks")]);
    if (!sound.ok || !about.ok) throw new Error("clip " + sound.status);
    const said = await about.json();
    this.peaks = said.peaks; this.turns = said.turns; this.duration = said.duration_s;
    this.url = URL.createObjectURL(await sound.blob());
    this.audio.src = this.url; this.ready = true; this.button.disabled = false;
    this.wave.setAttribute("aria-valuemax", this.duration.toFixed(1));
    this.draw(); this.tell("load");
  }
  drop() { this.audio.pause(); this.audio.removeAttribute("src"); if (this.url) URL.revokeObjectURL(this.url); this.observer.disconnect(); Player.all.delete(this); }
  toggle() { if (this.audio.paused) this.play(); else this.audio.pause(); }
  play() {
    if (!this.ready) return;
    for (const other of Player.all) if (other !== this) other.audio.pause();
    if (this.audio.ended || this.audio.currentTime >= this.duration - 0.05) this.audio.currentTime = 0;
    Player.last = this; this.audio.play().catch(() => {});
  }
  seek(to) { if (this.ready) { this.audio.currentTime = Math.max(0, Math.min(this.duration, to)); this.draw(); } }
  face(playing) {
    this.button.innerHTML = playing ? '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 4h4v16H6zM14 4h4v16h-4z"/></svg>' : '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M7 4l14 8-14 8z"/></svg>';
    const heading = this.card.querySelector("h2");
    this.button.setAttribute("aria-label", (playing ? this.texts.pause : this.texts.play) + " · " + (heading ? heading.textContent : ""));
  }
  spans() {
    const own = [...this.before];
    for (let i = 0; i < this.audio.played.length; i++) own.push([this.audio.played.start(i), this.audio.played.end(i)]);
    own.sort((x, y) => x[0] - y[0]);
    const merged = [];
    for (const [start, end] of own) {
      const last = merged[merged.length - 1];
      if (last && start <= last[1] + 0.02) last[1] = Math.max(last[1], end); else if (end > start) merged.push([start, end]);
    }
    return merged.map(([a, b]) => [Math.round(a * 1000) / 1000, Math.round(b * 1000) / 1000]).slice(0, 200);
  }
  seconds() { return this.spans().reduce((sum, [a, b]) => sum + b - a, 0); }
  share() { return this.duration ? Math.min(1, this.seconds() / this.duration) : 0; }
  silent() { return this.ready && this.turns.length === 0; }
  tell(what) {
    const now = this.audio.currentTime;
    this.wave.setAttribute("aria-valuenow", now.toFixed(1));
    this.wave.setAttribute("aria-valuetext", now.toFixed(0) + " s / " + this.duration.toFixed(0) + " s");
    this.times.children[0].textContent = clock(now); this.times.children[1].textContent = clock(this.duration);
    this.draw(); this.onheard(what);
  }
  draw() {
    const width = this.wave.clientWidth, height = this.wave.clientHeight, scale = window.devicePixelRatio || 1;
    if (!width || !this.peaks.length) return;
    this.canvas.width = width * scale; this.canvas.height = height * scale;
    const g = this.canvas.getContext("2d"), css = getComputedStyle(this.card);
    const tone = css.getPropertyValue("--tone").trim(), rest = css.getPropertyValue("--quiet-wave").trim(), ink = css.getPropertyValue("--ink").trim();
    g.scale(scale, scale);
    const bars = Math.max(24, Math.min(this.peaks.length, Math.floor(width / 5))), spans = this.spans(), mid = height / 2 - 2;
    for (let i = 0; i < bars; i++) {
      const from = Math.floor((i * this.peaks.length) / bars), to = Math.max(from + 1, Math.floor(((i + 1) * this.peaks.length) / bars));
      const peak = Math.max(...this.peaks.slice(from, to)), at = ((i + 0.5) / bars) * this.duration;
      const tall = Math.max(1.5, Math.sqrt(peak) * (mid - 2));
      const heard = spans.some(([a, b]) => a <= at && at <= b), asks = this.turns.length > 1 && this.turns.some(([a, b, who]) => who === "user" && a <= at && at <= b);
      g.globalAlpha = asks ? 0.4 : 1; g.fillStyle = heard ? tone : rest;
      g.beginPath(); g.roundRect((i / bars) * width + 1, mid - tall, Math.max(2, width / bars - 2), tall * 2, 1.5); g.fill();
    }
    g.globalAlpha = 1; g.fillStyle = ink;
    if (this.audio.currentTime > 0) g.fillRect(Math.min(width - 2, (this.audio.currentTime / this.duration) * width), 0, 2, height - 4);
    g.fillStyle = tone;
    for (const [a, b] of spans) g.fillRect((a / this.duration) * width, height - 3, ((b - a) / this.duration) * width, 3);
  }
}
function clock(s) { return Math.floor(s / 60) + ":" + String(Math.floor(s % 60)).padStart(2, "0"); }
