/* Keyboard grammar of the staff pages: j/k row, x select, o or Enter open, u back, / search,
   g then a letter to go, ? help, Ctrl/Cmd-K palette, Esc cancel. Single letters fire only outside
   inputs; they can be remapped or switched off (the server writes the choice on <body>). */
(() => {
  "use strict";
  const body = document.body;
  const isOn = body.dataset.keys !== "off";
  // What the reader pressed -> what it means: "j" unless remapped ("n:j" means n does what j did).
  const remap = new Map((body.dataset.keymap || "").split(",").filter(Boolean).map((p) => p.split(":")));
  const taken = new Set(remap.values());
  const palette = document.getElementById("palette");
  const help = document.getElementById("keys-help");
  const status = document.getElementById("key-status");
  let isGoing = false;

  const rows = () => [...document.querySelectorAll("tr[data-row], a[data-row]")].filter((r) => r.offsetParent);
  const current = () => document.querySelector("[data-row].at");
  const say = (text) => { if (status) status.textContent = text; };

  function stand(row) {
    if (!row) return;
    current()?.classList.remove("at");
    row.classList.add("at");
    const link = row.matches("a") ? row : row.querySelector("a") || row;
    if (link === row) row.tabIndex = -1;
    link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    sessionStorage.setItem("at:" + location.pathname + location.search, row.id);
  }
  function step(by) {
    const all = rows();
    const place = all.indexOf(current());
    stand(all[place < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, place + by))]);
  }
  function pick() {
    const row = current();
    if (!row) return;
    row.classList.toggle("picked");
    const count = document.querySelectorAll("[data-row].picked").length;
    say((body.dataset.picked || "{n}").replace("{n}", count));
  }
  function open() {
    const row = current();
    (row?.matches("a") ? row : row?.querySelector("a"))?.click();
  }
  function goBack() {
    const up = document.querySelector("a[data-up]");
    if (window.navigation?.canGoBack) history.back();
    else up?.click();
  }
  function filter() {
    const words = palette.querySelector("[type=search]").value.toLowerCase().split(/\s+/);
    for (const item of palette.querySelectorAll("li")) {
      const text = item.textContent.toLowerCase();
      item.hidden = !item.dataset.always && !words.every((word) => text.includes(word));
    }
  }
  function showPalette() {
    if (!palette || palette.open) return;
    palette.showModal();
    palette.querySelector("[type=search]").value = "";
    filter();
  }
  const verbs = {
    j: () => step(1), k: () => step(-1), x: pick, o: open, u: goBack,
    "/": () => { const field = document.querySelector("[data-search]"); if (field) { field.focus(); field.select(); } else showPalette(); },
    "?": () => help?.showModal(),
    e: () => document.querySelector("a[data-edit]")?.click(),
    n: () => document.querySelector("a[data-next]")?.click(),
    g: () => { isGoing = true; setTimeout(() => { isGoing = false; }, 1500); },
  };

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      showPalette();
      return;
    }
    const isTyping = event.target.closest("input, textarea, select, [contenteditable], dialog[open]");
    if (!isOn || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isGoing) {
      isGoing = false;
      const link = document.querySelector(`a[data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    const key = remap.get(event.key) || (taken.has(event.key) ? "" : event.key);
    if (verbs[key]) { event.preventDefault(); verbs[key](); }
  });
  palette?.querySelector("[type=search]").addEventListener("input", filter);
  palette?.querySelector("form").addEventListener("submit", (event) => {
    const first = [...palette.querySelectorAll("li:not([hidden]) a")][0];
    if (first && !first.dataset.search) { event.preventDefault(); first.click(); }
  });
  palette?.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const links = [...palette.querySelectorAll("li:not([hidden]) a")];
    const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    (links[place] || palette.querySelector("[type=search]")).focus();
  });
  for (const button of document.querySelectorAll("[data-show]")) {
    button.hidden = false;
    button.addEventListener("click", () => button.dataset.show === "palette" ? showPalette() : help?.showModal());
  }
  // Coming back, the reader stands where they left.
  const left = sessionStorage.getItem("at:" + location.pathname + location.search);
  if (left) document.getElementById(left)?.classList.add("at");
})();
