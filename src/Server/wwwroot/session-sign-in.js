// The vendor's postMessage sign-in: tells the window that opened this page that it is ready, and takes the key of a session from it, if it
// is of a site that the operator has listed.
(() => {
  const form = document.querySelector("form[data-session-origins]");
  const opener = window.opener;
  if (!form || !opener) return;
  const origins = form.dataset.sessionOrigins.split(" ");
  window.addEventListener("message", event => {
    const { msg, username, sessionkey } = event.data ?? {};
    if (event.source !== opener || !origins.includes(event.origin) || msg !== "session_login") return;
    form.elements.namedItem("username").value = username;
    form.elements.namedItem("key").value = sessionkey;
    form.submit();
  });
  // A message for another origin than the opener's is not delivered.
  for (const origin of origins) opener.postMessage({ msg: "app_loaded" }, origin);
})();
