// Shows a document in Swagger UI, and gives its requests an access token of the sandbox.
const chooser = document.getElementById("document");
const note = document.getElementById("note");

async function json(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response.json();
}

const settings = await json("/reference/settings");
const nameOf = ({ api, date }) => `${api}/${date}`;
for (const entry of settings.documents) {
  const text = `${entry.api} ${entry.date}${entry.isSpoken ? ", spoken here" : ""}`;
  chooser.append(new Option(text, nameOf(entry)));
}
const wanted = new URLSearchParams(location.search).get("document");
const shown = settings.documents.find((entry) => nameOf(entry) === wanted)
  ?? settings.documents.find((entry) => entry.isSpoken);
chooser.value = nameOf(shown);
chooser.addEventListener("change", () => {
  location.search = new URLSearchParams({ document: chooser.value });
});

const source = `/openapi/${nameOf(shown)}.json`;
document.getElementById("source").href = source;
if (shown.isSpoken) {
  note.textContent = "Requests go to this sandbox, with an access token that it gives to this page. "
    + "“Authorize” is for another one.";
} else {
  const spoken = settings.documents.find((entry) => entry.api === shown.api && entry.isSpoken);
  note.textContent = `This sandbox speaks ${spoken.date}. To send requests as of ${shown.date}, start it with `
    + `--revision ${shown.api}@${shown.date}.`;
}

const spec = await json(source);
// Wherever the page was opened: localhost, 127.0.0.1 or an allowed host.
spec.servers = [{ url: location.origin, description: "This sandbox." }];

let isLoggedIn = false;
const ui = SwaggerUIBundle({
  dom_id: "#viewer",
  spec,
  validatorUrl: null,
  docExpansion: "full",
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: shown.isSpoken,
  supportedSubmitMethods: shown.isSpoken ? ["get", "put", "post", "delete", "patch"] : [],
  oauth2RedirectUrl: `${location.origin}/reference/files/oauth2-redirect.html`,
  async requestInterceptor(request) {
    const { pathname } = new URL(request.url, location.origin);
    if (pathname.startsWith("/restapi/oauth/") || request.headers.Authorization) return request;
    const { access_token: token } = await json("/reference/token", { method: "POST" });
    request.headers.Authorization = `Bearer ${token}`;
    isLoggedIn = true;
    ui.preauthorizeApiKey("bearer", token);
    return request;
  },
  responseInterceptor(response) {
    // The sandbox was started again, or its clock was moved: the next request logs in anew.
    if (response.status === 401 && isLoggedIn) {
      isLoggedIn = false;
      ui.authActions.logout(["bearer"]);
    }
    return response;
  },
});
ui.initOAuth({ clientId: settings.clientId, usePkceWithAuthorizationCodeGrant: true });
