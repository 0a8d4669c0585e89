
// Passkeys: the form is filled by the authenticator and sent like any other

const bytesOf = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function askAuthenticator(form) {
    const asked = form.dataset;
    const known = asked.credentials.split(" ").filter(Boolean)
        .map((id) => ({ type: "public-key", id: bytesOf(id) }));
    if (asked.passkey === "get") {
        const { rawId, response } = await navigator.credentials.get({
            publicKey: {
                challenge: bytesOf(asked.challenge), rpId: asked.host, allowCredentials: known,
                userVerification: "required",
            },
        });
        return {
            credential: rawId, clientData: response.clientDataJSON,
            authenticatorData: response.authenticatorData, signature: response.signature,
        };
    }
    const { response } = await navigator.credentials.create({
        publicKey: {
            challenge: bytesOf(asked.challenge),
            rp: { id: asked.host, name: "Clinic Gateway" },
            user: { id: bytesOf(asked.user), name: asked.email, displayName: asked.name },
            pubKeyCredParams: [{ type: "public-key", alg: -7 }],
            excludeCredentials: known,
            attestation: "none",
            authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        },
    });
    return { clientData: response.clientDataJSON, attestation: response.attestationObject };
}

function watchPasskey(form) {
    const fault = form.querySelector(".fault");
    const host = form.dataset.host;
    if (location.hostname !== host && !location.hostname.endsWith(`.${host}`)) {
        const elsewhere = document.querySelector(".elsewhere");
        if (elsewhere) elsewhere.hidden = false;
        return;
    }
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        fault.hidden = true;
        try {
            const answer = await askAuthenticator(form);
            for (const [name, value] of Object.entries(answer)) form.elements[name].value = textOf(value);
            form.submit();
        } catch (error) {
            fault.textContent = error.name === "InvalidStateError"
                ? "This authenticator holds a passkey of yours already."
                : "The passkey was not used: it was cancelled, took too long, or is not of this account.";
            fault.hidden = false;
        }
    });
}

if (window.PublicKeyCredential) {
    for (const form of document.querySelectorAll("form[data-passkey]")) watchPasskey(form);
}
