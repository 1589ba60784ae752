// Rows inside a page: removing one loses nothing of the others, and the keyboard removes and moves them as well.
document.addEventListener("DOMContentLoaded", () => {
  // Unfold numbers the rows behind a removed one anew by their HTML, which does not hold what was typed.
  const hold = (formset) => {
    for (const input of formset.querySelectorAll("input, select, textarea")) {
      if (input.type === "checkbox") input.toggleAttribute("checked", input.checked);
      else if (input.tagName === "TEXTAREA") input.textContent = input.value;
      else if (input.tagName === "SELECT")
        for (const option of input.options) option.toggleAttribute("selected", option.selected);
      else input.setAttribute("value", input.value);
    }
  };

  const move = (handle, up) => {
    const row = handle.closest(".form-group");
    const other = up ? row.previousElementSibling : row.nextElementSibling;
    if (!other?.classList.contains("original")) return;
    if (up) other.before(row);
    else other.after(row);
    sortRecords({ from: handle.closest("[data-ordering-field]") }); // unfold's own, as after dragging
    handle.focus();
  };

  const named = (part, label) => Object.assign(part, { role: "button", tabIndex: 0, ariaLabel: label });

  for (const formset of document.querySelectorAll(".formset")) {
    // New rows are copies of one that is there already, hidden.
    for (const part of formset.querySelectorAll(".delete-template")) named(part, "Remove this row");
    for (const part of formset.querySelectorAll("[x-sort\\:handle]"))
      named(part, "Move this row with the arrows up and down");
    formset.addEventListener("click", (event) => event.target.closest(".delete-template") && hold(formset), true);
    formset.addEventListener("keydown", (event) => {
      const { target, key } = event;
      if (target.matches(".delete-template") && ["Enter", " "].includes(key)) target.click();
      else if (target.matches("[x-sort\\:handle]") && ["ArrowUp", "ArrowDown"].includes(key)) move(target, key === "ArrowUp");
      else return;
      event.preventDefault();
    });
  }
});
