// Below a domain's text: a condition in words, put behind those that are there; and how many records that makes.
document.addEventListener("DOMContentLoaded", () => {
  const text = document.querySelector(".hub-domain-text");
  const mapping = document.getElementById("id_mapping");
  if (!text || text.readOnly || !mapping) return;
  const { moments, fieldsUrl, countUrl } = text.dataset;

  const made = (tag, more = {}, ...inside) => {
    const element = Object.assign(document.createElement(tag), more);
    element.append(...inside);
    return element;
  };
  const option = ([value, label]) => made("option", { value, textContent: label });
  const labelled = (label, input) => {
    input.id = `domain-${label.toLowerCase()}`;
    return made("div", { className: "hub-option" }, made("label", { className: "hub-label", textContent: label, htmlFor: input.id }), input);
  };

  // Words → operator, and what stands for the value: nothing is asked where it is given here.
  const FILLED = [["is filled in", "!=", false], ["is empty", "=", false]];
  const TEXT = [["contains", "ilike"], ["is", "="], ["is not", "!="], ["begins with", "=ilike", (value) => `${value}%`], ...FILLED];
  const NUMBER = [["is", "="], ["is not", "!="], ["is more than", ">"], ["is at least", ">="], ["is less than", "<"], ["is at most", "<="]];
  const MOMENT = [["is since", ">="], ["is before", "<"], ...FILLED];
  const WAYS = {
    char: TEXT, text: TEXT, html: TEXT,
    integer: NUMBER, float: NUMBER, monetary: NUMBER, many2one_reference: NUMBER,
    boolean: [["is yes", "=", true], ["is no", "=", false]],
    selection: [["is", "="], ["is not", "!="], ...FILLED],
    date: MOMENT, datetime: MOMENT,
    many2one: [["is called something with", "ilike"], ["has the id", "="], ...FILLED],
    one2many: FILLED, many2many: [["has one called something with", "ilike"], ...FILLED],
  };

  const field = made("input", { type: "text", autocomplete: "off", spellcheck: false, placeholder: "write_date" });
  field.setAttribute("list", "odoo-fields");
  const way = made("select");
  const place = made("div", { className: "hub-option" });
  const add = made("button", { type: "button", className: "hub-button", textContent: "Add the condition" });
  const count = made("button", { type: "button", className: "hub-button hub-button-quiet", textContent: "How many records are these?" });
  const said = made("p", { className: "hub-quiet" });
  said.setAttribute("role", "status");
  const builder = made(
    "div",
    { className: "hub-domain" },
    labelled("Field", field), labelled("Condition", way), place, made("div", { className: "hub-domain-buttons" }, add, count), said
  );
  builder.setAttribute("role", "group");
  builder.setAttribute("aria-label", "Put a condition together");
  text.after(builder);

  let fields = [];
  let value = null;
  const facts = () => fields.find(({ name }) => name === field.value.trim());
  const ways = () => WAYS[facts()?.type] ?? TEXT;
  const chosen = () => ways()[Number(way.value)] ?? ways()[0];

  const ask = () => {
    const [, , given] = chosen();
    const { type, selection } = facts() ?? {};
    place.replaceChildren();
    value = null;
    if (typeof given === "boolean") return;
    if (type === "selection") value = made("select", {}, ...(selection ?? []).map(option));
    else if (WAYS[type] === MOMENT) {
      const day = made("input", { type: "date", hidden: true });
      day.setAttribute("aria-label", "Day");
      value = made("select", {}, ...JSON.parse(moments).map(([moment, words]) => option([moment, words])), option(["", "a day that I choose"]));
      value.addEventListener("change", () => (day.hidden = value.value !== ""));
      value.day = day;
    } else value = made("input", { type: WAYS[type] === NUMBER || chosen()[1] === "=" && type === "many2one" ? "number" : "text" });
    if (value.type === "number") value.step = "any";
    place.append(...labelled("Value", value).children, ...(value.day ? [value.day] : []));
  };
  const offer = () => {
    way.replaceChildren(...ways().map(([words], number) => option([number, words])));
    ask();
  };

  const quoted = (words) => `'${words.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const literal = () => {
    const [, , given] = chosen();
    if (typeof given === "boolean") return given ? "True" : "False";
    const written = value.day && !value.value ? value.day.value : value.value.trim();
    if (!written) return "";
    if (value.type === "number") return written;
    return quoted(given ? given(written) : written);
  };
  const tell = (words, wrong = false) => {
    said.textContent = words;
    said.className = wrong ? "hub-problem" : "hub-quiet";
  };

  add.addEventListener("click", () => {
    const name = field.value.trim();
    if (!name) return void (tell("Choose a field first.", true), field.focus());
    const meant = literal();
    if (!meant) return void (tell("Say which value.", true), value.focus());
    const there = text.value.trim();
    const inside = there.replace(/^\[/, "").replace(/,?\s*\]$/, "").trim();
    if (there && !(there.startsWith("[") && there.endsWith("]")))
      return void tell("The domain is no list, [ … ]: mend it first.", true);
    text.value = `[${inside ? `${inside}, ` : ""}(${quoted(name)}, ${quoted(chosen()[1])}, ${meant})]`;
    text.dispatchEvent(new Event("input", { bubbles: true }));
    tell("Added. All conditions have to hold.");
  });

  count.addEventListener("click", async () => {
    tell("Odoo is asked …");
    const body = new FormData();
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    body.set("mapping", mapping.value);
    body.set("domain", text.value);
    try {
      const answer = await (await fetch(countUrl, { method: "POST", body })).json();
      tell(answer.problem ?? answer.text, "problem" in answer);
    } catch {
      tell("The hub did not answer.", true);
    }
  });

  const know = async () => {
    if (!mapping.value) return;
    try {
      fields = (await (await fetch(`${fieldsUrl}?${new URLSearchParams({ mapping: mapping.value })}`)).json()).fields;
    } catch {
      fields = [];
    }
    const list = document.getElementById("odoo-fields");
    list?.replaceChildren(...fields.map(({ name, label }) => made("option", { value: name, textContent: label })));
    offer();
  };
  field.addEventListener("change", offer);
  way.addEventListener("change", ask);
  mapping.addEventListener("change", know);
  builder.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName === "BUTTON") return;
    event.preventDefault(); // not the whole page
    add.click();
  });
  offer();
  know();
});
