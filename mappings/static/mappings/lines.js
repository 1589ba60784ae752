// What only relations have is shown where there are relations.
document.addEventListener("DOMContentLoaded", () => {
  const group = document.getElementById("lines-group");
  if (!group) return;

  const arrange = () => {
    let any = false;
    for (const kind of group.querySelectorAll('select[name$="-kind"]')) {
      const row = kind.closest(".form-row");
      const empty = row.closest(".empty-form") !== null;
      const relation = kind.value === "relation";
      any ||= relation && !empty;
      row.classList.toggle("hub-not-a-relation", !relation);
    }
    group.classList.toggle("hub-no-relations", !any);
  };

  group.addEventListener("change", arrange);
  document.addEventListener("formset:added", arrange);
  arrange();
});
