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
  const given = { username: form.username.value, password: form.password.value, transport: "cookie" };
  if (form.otp.value) given.otp = form.otp.value;
  const answer = await post("/v1/auth/login", given);
  if (answer.ok) {
    await goOn();
    return;
  }
  const problem = await answer.json();
  if (problem.code === "second_factor_required") {
    document.getElementById("otp").hidden = false;
    form.otp.focus();
    return;
  }
  message.textContent = sentence(problem.detail) + " " + problem.hint;
  form.password.select();
}

function post(path, body) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

// To the page, or first to a new password where the account needs one.
async function goOn() {
  const answer = await fetch("/v1/auth/me");
  const me = answer.ok ? await answer.json() : null;
  if (!me?.must_change_password) {
    if (me) location.replace("/");
    return;
  }
  form.hidden = true;
  change.hidden = false;
  change.old.value = form.password.value;
  (change.old.value ? change.fresh : change.old).focus();
  change.dataset.user = me.user_id;
}

const change = document.getElementById("new-password");
change.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = document.getElementById("new-password-message");
  said.textContent = "";
  try {
    const body = { old_password: change.old.value, new_password: change.fresh.value };
    const answer = await post(`/v1/users/${change.dataset.user}/change-password`, body);
    if (answer.ok) {
      location.replace("/");
      return;
    }
    const problem = await answer.json();
    said.textContent = sentence(problem.detail) + " " + problem.hint;
  } catch {
    said.textContent = "The server does not answer. Try again in a moment.";
  }
});

if (new URLSearchParams(location.search).get("reason") === "password") goOn();

function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + ".";
}

// Until now the form would have gone to the server by itself, which does not understand it.
button.disabled = false;
