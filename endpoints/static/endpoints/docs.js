// The reference page: asks for the description as whoever reads it, and shows it with Swagger UI.
(() => {
  const place = document.getElementById("reference");
  const told = document.getElementById("told");
  const form = document.getElementById("key");
  let authorization = ""; // only here, gone with the page

  async function fetched(address) {
    const answer = await fetch(address, authorization ? { headers: { Authorization: authorization } } : {});
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.message || `The hub answers ${answer.status}.`);
    }
    return answer;
  }

  async function show() {
    told.textContent = "";
    let spec;
    try {
      spec = await (await fetched(place.dataset.openapi)).json();
    } catch (problem) {
      told.textContent = problem.message;
      return;
    }
    const ui = SwaggerUIBundle({
      spec, domNode: place, deepLinking: true, tryItOutEnabled: true, validatorUrl: null, docExpansion: "list",
      defaultModelsExpandDepth: 0, displayRequestDuration: true, filter: Object.keys(spec.paths).length > 8,
      onComplete: () => {
        if (form.secret.value && spec.components.securitySchemes.bearer) ui.preauthorizeApiKey("bearer", form.secret.value);
        if (form.login.value && spec.components.securitySchemes.basic) ui.preauthorizeBasic("basic", form.login.value, form.secret.value);
      },
    });
    if (!Object.keys(spec.paths).length) told.textContent = "Nothing is open to everybody: enter an access key.";
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { login, secret } = form;
    const bytes = new TextEncoder().encode(`${login.value}:${secret.value}`);
    if (!secret.value) authorization = "";
    else authorization = login.value ? `Basic ${btoa(String.fromCharCode(...bytes))}` : `Bearer ${secret.value}`;
    show();
  });

  // A link cannot say who asks.
  for (const link of document.querySelectorAll("a[data-file]")) {
    link.addEventListener("click", async (event) => {
      if (!authorization) return;
      event.preventDefault();
      try {
        const answer = await fetched(link.href);
        const saved = document.createElement("a");
        saved.href = URL.createObjectURL(await answer.blob());
        saved.download = /filename="(.+)"/.exec(answer.headers.get("Content-Disposition") || "")?.[1] || "openapi.json";
        saved.click();
        URL.revokeObjectURL(saved.href);
      } catch (problem) {
        told.textContent = problem.message;
      }
    });
  }

  show();
})();
