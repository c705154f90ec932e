// The page's own token; meta so that the cookie can stay out of reach of scripts.
export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

// htmx sends the token with everything that may change something.
export function sendCsrfHeader() {
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = csrfToken();
  });
}
