// Who clicks twice means it once: a form that is on its way is not sent again, which would make a second token, or a second row.
// After a while it may be: where the browser was told to stop, the page is still there.
const AGAIN = 15_000; // milliseconds
const sent = new WeakMap();
const rest = () => document.querySelectorAll("[type=submit][aria-busy]").forEach((one) => one.removeAttribute("aria-busy"));
// On the window, so that who answers a form on the page itself has taken the event already.
window.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (Date.now() - (sent.get(event.target) ?? -Infinity) < AGAIN) event.preventDefault();
  else {
    sent.set(event.target, Date.now());
    event.submitter?.setAttribute("aria-busy", "true"); // Odoo may take its time, and the page shows nothing else meanwhile
    setTimeout(rest, AGAIN);
  }
});
window.addEventListener("pageshow", () => {
  rest();
  for (const form of document.forms) sent.delete(form); // the back button shows the same page again
});
