// Passkeys: a form with data-passkey asks that address for a question, the browser's authenticator for the answer, and sends it.
(() => {
  const Keys = window.PublicKeyCredential;
  if (!Keys?.parseRequestOptionsFromJSON || !navigator.credentials) return;
  const ask = (kind, options) => kind === "create"
    ? navigator.credentials.create({ publicKey: Keys.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: Keys.parseRequestOptionsFromJSON(options) });
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const problem = form.querySelector(".passkey-problem");
      problem.hidden = true;
      try {
        const answer = await fetch(form.dataset.passkey, { cache: "no-store" });
        if (!answer.ok) throw new Error(answer.statusText);
        const question = await answer.json();
        const credential = await ask(form.dataset.passkeyKind, JSON.parse(question.options));
        form.elements.namedItem("state").value = question.state;
        form.elements.namedItem("credential").value = JSON.stringify(credential);
        form.submit();
      } catch {
        // Cancelled, no key on this device, or the server is away.
        problem.hidden = false;
      }
    });
  }
})();
