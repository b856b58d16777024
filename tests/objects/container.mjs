// Makes a container of the emulator: node container.mjs NAME
import { createHmac } from "node:crypto";

const account = "devstoreaccount1";
// The emulator's own key, which its documentation names; it opens nothing else.
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const name = process.argv[2];
const date = new Date().toUTCString();
const headers = { "x-ms-date": date, "x-ms-version": "2021-08-06" };
const canonical = `x-ms-date:${date}\nx-ms-version:2021-08-06\n/${account}/${account}/${name}\nrestype:container`;
const signed = `PUT\n\n\n\n\n\n\n\n\n\n\n\n${canonical}`;
const signature = createHmac("sha256", Buffer.from(key, "base64")).update(signed, "utf8").digest("base64");
const response = await fetch(`http://127.0.0.1:10000/${account}/${name}?restype=container`, {
  method: "PUT", headers: { ...headers, Authorization: `SharedKey ${account}:${signature}` },
});
if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
