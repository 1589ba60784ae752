// Shows of each line's options those that apply to its kind and to the type of its field. Without this all are shown.
document.addEventListener("DOMContentLoaded", () => {
  const group = document.getElementById("lines-group");
  if (!group) return;
  const fields = document.getElementById("odoo-fields");
  const manual = document.getElementById("script-manual");

  const value = (row, name) => row.querySelector(`[name$="-${name}"]`)?.value ?? "";
  const filled = (input) => {
    if (input.type === "checkbox") return input.checked;
    if (input.tagName === "SELECT") return !["", "error", "always", "evaluate"].includes(input.value);
    return input.value.trim() !== "" && input.value.trim() !== "[]";
  };
  const among = (words, word) => !words || !word || words.split(" ").includes(word);

  const fact = (row) => {
    const name = value(row, "field").trim();
    return name ? [...(fields?.options ?? [])].find((option) => option.value === name) : undefined;
  };

  const offerFitting = (select, relation) => {
    for (const option of select.options) {
      const fits = !relation || !option.dataset.model || option.dataset.model === relation || option.selected;
      option.hidden = option.disabled = !fits;
    }
  };

  const arrangeRow = (row) => {
    const kind = value(row, "kind");
    const direction = value(row, "direction");
    const found = fact(row);
    const told = row.querySelector(".hub-fact");
    if (told) told.textContent = found ? found.label : "";
    for (const input of row.querySelectorAll("[data-kinds]")) {
      const { kinds, types, sent, translated } = input.dataset;
      const applies =
        among(kinds, kind) &&
        among(types, found?.dataset.type) &&
        !(sent && direction === "from_odoo") &&
        !(translated && found && !found.dataset.languages);
      const option = input.closest(".hub-option");
      option.hidden = !applies && !filled(input) && !option.classList.contains("hub-wrong");
    }
    for (const set of row.querySelectorAll(".hub-options"))
      set.hidden = !set.querySelector(".hub-option:not([hidden])");
    const nested = row.querySelector('select[name$="-nested"]');
    if (nested) offerFitting(nested, found?.dataset.relation);
  };

  const rows = () => group.querySelectorAll(".hub-line");
  // The same for all translated fields: those that Odoo has active.
  const offerLanguages = () => {
    const known = [...(fields?.options ?? [])].map((option) => option.dataset.languages ?? "");
    const codes = known.find((languages) => languages && languages !== "any") ?? "";
    const options = codes.split(" ").filter(Boolean).map((code) => new Option(code, code));
    document.getElementById("odoo-languages")?.replaceChildren(...options);
  };

  const arrange = () => {
    offerLanguages();
    rows().forEach(arrangeRow);
    const scripted = [...group.querySelectorAll('select[name$="-kind"]')].some((kind) => kind.value === "script");
    if (manual) manual.hidden = !scripted;
  };

  // A relation without its mapping, or a script without its text, is not finished: show where that is entered.
  const unfold = (row) => {
    const kind = value(row, "kind");
    const missing =
      (kind === "relation" && !value(row, "nested")) || (kind === "script" && !value(row, "script").trim());
    if (missing) row.querySelector("details").open = true;
  };

  group.addEventListener("input", (event) => {
    const row = event.target.closest(".hub-line");
    if (row) arrangeRow(row);
  });
  group.addEventListener("change", (event) => {
    const row = event.target.closest(".hub-line");
    if (!row) return;
    if (event.target.name.endsWith("-kind")) {
      arrange();
      unfold(row);
    } else arrangeRow(row);
    // One line is the identifier: marking another takes the mark away from the first.
    if (event.target.name.endsWith("-identifier") && event.target.checked)
      for (const other of group.querySelectorAll('input[name$="-identifier"]:checked'))
        if (other !== event.target) other.checked = false;
  });
  // The manual stands beside the editor that is being written in.
  group.addEventListener("focusin", (event) => {
    if (manual && event.target.closest(".field-script"))
      event.target.closest(".hub-options").append(manual);
  });
  // Before the rows behind a removed one are numbered anew.
  group.addEventListener(
    "click",
    (event) => {
      if (!event.target.closest(".delete-template")) return;
      document.dispatchEvent(new CustomEvent("hub:rows-renewed"));
      const place = document.activeElement;
      if (group.contains(place)) place.blur();
      if (manual && group.contains(manual)) group.append(manual);
    },
    true
  );

  const show = () => {
    const row = /^#line-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    if (row) row.querySelector("details").open = true;
  };
  window.addEventListener("hashchange", show);
  document.addEventListener("formset:added", arrange);
  document.addEventListener("formset:removed", arrange);
  document.addEventListener("hub:fields", arrange);
  arrange();
  rows().forEach((row) => !row.classList.contains("empty-form") && unfold(row));
  show();
});
