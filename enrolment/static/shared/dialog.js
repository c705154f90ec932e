// <button data-opens="some-id"> opens <dialog id="some-id">. Closing, and the focus that goes back
// to the button, are the browser's own.
export function openDialogs(root = document) {
  root.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
  });
}
