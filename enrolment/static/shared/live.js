// The page's one polite live region. A new text replaces the last one.
export function say(text) {
  const region = document.getElementById("live");
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

// A live region that is full when the page loads stays silent; so its messages are said here.
export function speakMessages() {
  const sayAll = () => {
    const messages = [...document.querySelectorAll("#messages .notice")];
    if (messages.length) say(messages.map((message) => message.textContent.trim()).join(" "));
  };
  sayAll();
  document.addEventListener("htmx:oobAfterSwap", sayAll);
}
