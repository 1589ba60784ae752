// What the script editor proposes: names of the manual, fields of Odoo along relations, keys of the request.
const manual = () => [...document.querySelectorAll("#script-manual dt")];

const names = () =>
  manual().flatMap((term) =>
    [...term.querySelectorAll("code")].map((code) => ({
      label: code.textContent,
      type: "variable",
      info: term.nextElementSibling?.textContent.trim(),
    }))
  );

const keys = () =>
  [...document.querySelectorAll('.hub-line:not(.empty-form) input[name$="-key"]')]
    .map((input) => input.value.trim().split(".")[0])
    .filter((key, place, all) => key && all.indexOf(key) === place)
    .map((label) => ({ label, type: "property" }));

const own = () =>
  [...(document.getElementById("odoo-fields")?.options ?? [])].map((option) => ({
    name: option.value,
    label: option.label || option.textContent,
    relation: option.dataset.relation,
  }));

const known = new Map();
const fieldsOf = async (model) => {
  const note = document.getElementById("odoo-note");
  const connection = document.getElementById("id_connection")?.value;
  const query = new URLSearchParams({ connection, model });
  if (!known.has(`${query}`)) {
    const asked = fetch(`${note.dataset.url}?${query}`).then((answer) => answer.json());
    known.set(`${query}`, asked.then((answer) => answer.fields, () => []));
  }
  return known.get(`${query}`);
};

// `partner_id.country_id` → the fields of a country; none where a name leads nowhere.
const along = async (path) => {
  let fields = own();
  for (const name of path) {
    const relation = fields.find((field) => field.name === name)?.relation;
    if (!relation) return [];
    fields = await fieldsOf(relation);
  }
  return fields;
};

export const completing = (methods) => async (context) => {
  const key = context.matchBefore(/request_data(?:\[|\.get\()["'][\w]*/);
  if (key) return { from: key.to - key.text.match(/\w*$/)[0].length, options: keys() };
  const field = context.matchBefore(/\brecords?(?:\.\w+)*\.\w*/);
  if (field) {
    const path = field.text.split(".");
    const begun = path.pop();
    const fields = await along(path.slice(1));
    if (!fields.length) return null;
    const options = [
      ...fields.map(({ name, label }) => ({ label: name, detail: label, type: "property", boost: 1 })),
      ...methods.map((label) => ({ label, type: "method" })),
    ];
    return { from: field.to - begun.length, options };
  }
  const word = context.matchBefore(/\w+/);
  if (!word || context.matchBefore(/\.\w*/)) return null;
  return { from: word.from, options: names() };
};
