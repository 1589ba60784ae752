// The preview beside a mapping's lines. Each question posts the whole form as it stands; nothing of it is saved.
import { chooser } from "./chooser.js";

const panel = document.getElementById("preview");
const form = panel && document.getElementById(panel.dataset.form);

const part = (name) => panel.querySelector(`[data-part="${name}"]`);
const field = (name) => document.getElementById(`preview-${name}`);
const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more);

const say = (name, text) => {
  const place = part(name);
  place.textContent = text;
  place.hidden = !text;
};

let record = "";
let typed = false; // a JSON that somebody wrote is not replaced by that of the next record

const ask = async (act, more, signal) => {
  const body = new FormData(form);
  body.set("preview-do", act);
  body.set("preview-endpoint", field("endpoint")?.value ?? "");
  for (const [name, value] of Object.entries(more)) body.set(`preview-${name}`, value);
  const response = await fetch(panel.dataset.url, { method: "POST", body, signal, redirect: "manual" });
  if (response.headers.get("content-type")?.includes("json")) return response.json();
  const reload = response.type === "opaqueredirect" || response.status === 403;
  return { problem: reload ? "You are no longer logged in, or may not do this. Log in in another tab, then go on here: what you typed stays." : "The hub failed to answer; its log says why." };
};

const row = (prefix) => prefix && document.getElementsByName(`${prefix}-key`)[0]?.closest(".hub-line");

// What is told at the lines: values, and problems of the form or of the JSON. Each answer replaces what was told before.
const tell = (values, problems) => {
  for (const old of document.querySelectorAll(".hub-line-told")) old.remove();
  for (const old of document.querySelectorAll(".hub-line-troubled")) old.classList.remove("hub-line-troubled");
  const told = (prefix) => {
    const line = row(prefix);
    if (!line) return null;
    let place = line.querySelector(".hub-line-told");
    if (!place) {
      place = made("div", "", { className: "hub-line-told", id: `${prefix}-told` });
      line.querySelector(".hub-line-grid").after(place);
      document.getElementsByName(`${prefix}-key`)[0].setAttribute("aria-describedby", place.id);
    }
    return place;
  };
  for (const [prefix, value] of Object.entries(values)) told(prefix)?.append(made("code", value));
  for (const { row: prefix, text } of problems) {
    const place = told(prefix);
    if (!place) continue;
    place.closest(".hub-line").classList.add("hub-line-troubled");
    place.append(made("p", text, { className: "hub-problem" }));
  }
};

const toLine = (prefix) => {
  const button = made("button", "Its line", { type: "button", className: "hub-link" });
  button.addEventListener("click", () => {
    const line = row(prefix);
    line?.scrollIntoView({ block: "center" });
    line?.querySelector("input:not([type=hidden])")?.focus({ preventScroll: true });
  });
  return button;
};

const problemItem = ({ key, text, row: prefix, url }) => {
  const item = document.createElement("li");
  item.append(made("code", key), ` ${text} `);
  if (row(prefix)) item.append(toLine(prefix));
  if (url) item.append(" ", made("a", row(prefix) ? "in its own mapping" : "Its line", { href: url, className: "hub-link" }));
  return item;
};

const shown = (answer) => {
  part("shown").hidden = !answer.document;
  if (!answer.document) return;
  part("raw").textContent = answer.raw;
  part("document").textContent = answer.document;
  if (!typed) {
    field("payload").value = answer.payload;
    field("name").value = answer.name;
  }
};

const tried = (answer) => {
  say("wrong", answer.wrong ?? "");
  field("payload").toggleAttribute("aria-invalid", Boolean(answer.wrong));
  part("tried").hidden = !answer.heading;
  if (!answer.heading) return;
  field("payload").value = answer.payload;
  part("heading").textContent = answer.heading;
  part("heading").classList.toggle("hub-problem", answer.refused);
  part("problems").replaceChildren(...answer.problems.map(problemItem));
  part("heading").scrollIntoView({ block: "nearest" });
  part("effects").hidden = !answer.calls.length;
  part("sent").textContent = answer.sent;
  part("calls").replaceChildren(
    ...answer.calls.flatMap(({ name, args, context }) => {
      const title = document.createElement("p");
      title.append(made("code", name));
      const parts = [title, made("pre", args, { className: "hub-code", tabIndex: 0 })];
      if (context) {
        const details = document.createElement("details");
        details.append(made("summary", "context", { className: "hub-link" }), made("pre", context, { className: "hub-code", tabIndex: 0 }));
        parts.push(details);
      }
      return parts;
    })
  );
};

const ACTS = {
  show: { with: () => ({ id: record }), then: shown },
  try: { with: () => ({ payload: field("payload").value, name: field("name").value }), then: tried },
};
let last = "";
let running = new AbortController();

const run = async (act) => {
  last = act;
  running.abort();
  running = new AbortController();
  const { signal } = running;
  panel.setAttribute("aria-busy", "true");
  let answer;
  try {
    answer = await ask(act, ACTS[act].with(), signal);
  } catch {
    if (signal.aborted) return;
    answer = { problem: "The hub cannot be reached." };
  }
  if (signal.aborted) return;
  panel.removeAttribute("aria-busy");
  const { problem = "", unfinished = [], values = {}, problems = [] } = answer;
  say("problem", problem);
  const count = new Set(unfinished.map((one) => one.row)).size;
  say("unfinished", count ? `${count === 1 ? "One line is" : `${count} lines are`} left out: see what is said there.` : "");
  tell(values, [...unfinished, ...problems]);
  ACTS[act].then(answer);
};

const begin = () => {
  panel.hidden = false;
  for (const inner of panel.querySelectorAll("form"))
    inner.addEventListener("submit", (event) => {
      event.preventDefault();
      run(inner.dataset.act);
    });
  const find = async (search) => {
    const answer = await ask("names", { search }).catch(() => ({ problem: "The hub cannot be reached." }));
    say("problem", answer.problem ?? "");
    return answer.records;
  };
  chooser(field("record"), document.getElementById("preview-records"), find, (id) => {
    record = id;
    if (id) run("show");
  });
  field("payload").addEventListener("input", () => (typed = field("payload").value.trim() !== ""));
  field("endpoint")?.addEventListener("change", () => {
    record = "";
    field("record").value = "";
    run("show");
  });
  // Whoever changes a line sees at once what comes of it.
  let timer;
  form.addEventListener("change", () => {
    clearTimeout(timer);
    if (last) timer = setTimeout(() => run(last), 500);
  });
  if (location.hash === "#preview") {
    panel.scrollIntoView();
    document.getElementById("preview-heading").focus();
    run("show");
  }
};

if (panel && form) begin();
