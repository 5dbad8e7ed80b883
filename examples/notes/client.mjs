// Runs in the browser: asks Appwrite without a key, and says on the page what came back.
const endpoint = process.env.NEXT_PUBLIC_APPWRITE_ENDPOINT;
const project = process.env.NEXT_PUBLIC_APPWRITE_PROJECT_ID;
const backend = `Appwrite at ${endpoint}, project ${project},`;

document.querySelector('#backend').textContent = await check();

async function check() {
  if (!endpoint || !project) return 'NEXT_PUBLIC_APPWRITE_ENDPOINT and NEXT_PUBLIC_APPWRITE_PROJECT_ID were not set when this page was built. Set them and build again.';
  const url = `${endpoint}/health/version?project=${encodeURIComponent(project)}`;
  try {
    const { ok, status } = await fetch(url);
    if (ok) return `${backend} answers this browser.`;
    return status === 403 ? strange() : `${backend} refuses this browser with status ${status}.`;
  } catch {
    // An answer to a page that Appwrite does not know cannot be read. That there is one can be seen.
    return fetch(url, { mode: 'no-cors' }).then(strange, () => `${backend} cannot be reached from this browser.`);
  }
}

function strange() {
  return `${backend} takes no requests from pages on ${location.hostname}. Add this hostname in Studio, in the settings of the project.`;
}
