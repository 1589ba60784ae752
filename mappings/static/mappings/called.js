// A model or a field may be typed by what people call it: where one alone is called so, its technical name takes the place.
document.addEventListener(
  "change",
  ({ target }) => {
    if (!["odoo-models", "odoo-fields"].includes(target.list?.id)) return;
    const typed = target.value.trim();
    const options = [...target.list.options];
    if (!typed || options.some((option) => option.value === typed)) return;
    const label = (option) => option.textContent.split(" – ")[0].toLowerCase();
    const called = options.filter((option) => label(option) === typed.toLowerCase());
    if (called.length === 1) target.value = called[0].value;
  },
  true // before those who ask what was typed
);
