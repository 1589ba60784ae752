// Suggestions for models and fields, asked for again when the connection or the model is changed.
document.addEventListener("DOMContentLoaded", () => {
  const note = document.getElementById("odoo-note");
  const connection = document.getElementById("id_connection");
  const model = document.getElementById("id_model");
  if (!note || !connection || !model) return;

  const option = (value, label, data = {}) => {
    const made = document.createElement("option");
    made.value = value;
    made.textContent = label;
    Object.assign(made.dataset, data);
    return made;
  };
  const fill = (id, options) => document.getElementById(id).replaceChildren(...options);

  let asked = 0;
  const ask = async () => {
    if (!connection.value) return;
    const mine = ++asked;
    const query = new URLSearchParams({ connection: connection.value, model: model.value.trim() });
    let answer;
    try {
      const response = await fetch(`${note.dataset.url}?${query}`, { headers: { Accept: "application/json" } });
      if (!response.ok) return;
      answer = await response.json();
    } catch {
      return; // suggestions are a comfort; without them one types
    }
    if (mine !== asked) return;
    fill("odoo-models", answer.models.map(([value, label]) => option(value, label)));
    fill("odoo-fields", answer.fields.map(({ name, label, type, relation, languages }) => option(name, label, { type, relation, languages })));
    document.dispatchEvent(new CustomEvent("hub:fields"));
    note.textContent = answer.note;
    note.hidden = !answer.note;
  };

  connection.addEventListener("change", ask);
  model.addEventListener("change", ask);
  ask();
});
