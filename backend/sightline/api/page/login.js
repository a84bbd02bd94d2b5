// The form: JSON to the API, one message for every way it can fail.
const form = document.getElementById("form");
const message = document.getElementById("message");
const button = form.querySelector("button");

if (new URLSearchParams(location.search).get("reason") === "link") {
  message.textContent = "This link was used already, or has expired. Log in with name and password.";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  message.textContent = "";
  try {
    await logIn();
  } catch {
    message.textContent = "The server does not answer. Try again in a moment.";
  } finally {
    button.disabled = false;
  }
});

async function logIn() {
  const body = JSON.stringify({ username: form.username.value, password: form.password.value });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/v1/auth/login", { method: "POST", headers, body });
  if (answer.ok) {
    location.replace("/");
    return;
  }
  const problem = await answer.json();
  message.textContent = sentence(problem.detail) + " " + problem.hint;
  form.password.select();
}

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + ".";
}

// Until now the form would have gone to the server by itself, which does not understand it.
button.disabled = false;
