// What was refused may stand far below, or in a section that is folded up: the first of it is shown, and typing goes on there.
window.addEventListener("load", () => {
  const wrong = document.querySelector('#content-main form [aria-invalid="true"]');
  if (!wrong) return;
  for (let part = wrong.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  // A script's text is hidden behind its editor.
  const place = wrong.hidden ? wrong.parentElement.querySelector("[contenteditable]") : wrong;
  if (!place) return;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "center" });
});
